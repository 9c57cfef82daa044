// Ends for places: from "the name that starts here" to exact bytes of the file.
#pragma once

#include "analyzer/text/source_file.h"
#include "analyzer/text/span.h"

namespace tenantlint::sql {

// The exact byte range of a place in its file. Never empty where the file has text there.
Span resolve(const SourceSet& sources, const Place& place);

}  // namespace tenantlint::sql
