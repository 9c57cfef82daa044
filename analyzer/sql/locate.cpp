// Looks up where a place ends. Asked for what is shown only, so it reads the text anew each time.
#include "analyzer/sql/locate.h"

#include "analyzer/sql/tokens.h"

namespace tenantlint::sql {

Span resolve(const SourceSet& sources, const Place& place) {
  if (!place.known()) return {};
  const std::string_view text = sources[place.file].text();
  Span out{place.begin, place.end};
  switch (place.extent) {
    case Extent::Range: break;
    case Extent::Name: out = name_span(text, place.begin); break;
    case Extent::Token: out = next_code_token(text, place.begin).span; break;
    case Extent::Word: {
      const Span found = find_word(text, out, place.word());
      if (!found.empty()) out = found;
      break;
    }
  }
  // Something must be underlined: the character that stands there.
  if (out.empty() && out.begin < text.size()) out.end = out.begin + 1;
  return out;
}

}  // namespace tenantlint::sql
