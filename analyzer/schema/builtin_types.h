// The types that PostgreSQL brings along.
#pragma once

#include <span>
#include <string_view>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

struct BuiltinType {
  std::string_view name;     // pg_type.typname
  std::string_view display;  // what format_type() prints; empty: the name
  TypeKind kind = TypeKind::Base;
};

std::span<const BuiltinType> builtin_types();

}  // namespace tenantlint::schema
