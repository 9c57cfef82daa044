// Fixtures: SQL with marks under the lines that they speak of. The notation is in
// fixtures/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenantlint::test {

// Runs the fixture and compares what is found with its marks; the differences, empty if there are
// none.
std::vector<std::string> check_fixture(std::string_view text, std::string_view name);

// Applies each correction that the fixture's findings offer, one at a time, and runs it again: the
// corrections that leave their finding in place, or text that is not understood. Empty if there are
// none. `applied` counts them.
std::vector<std::string> check_fixes(std::string_view text, std::string_view name, int& applied);

// The schema that the fixture's migrations add up to (schema::dump_text).
std::string fixture_schema(std::string_view text, std::string_view name);

// What the prover says of each statement below queries/ (isolation::dump_text).
std::string fixture_isolation(std::string_view text, std::string_view name);

// Does the text have any mark?
bool has_marks(std::string_view text);

}  // namespace tenantlint::test
