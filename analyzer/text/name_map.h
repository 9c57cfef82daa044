// A hash table from names to small values, for the tables that every statement asks several times.
// One array of hashes and numbers, which tells most misses at the first look; the entries stand
// in another, close together and in the order in which they came (as long as none is erased).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantlint {

inline std::uint32_t hash_name(std::string_view name) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15U;
  const auto mix = [](std::uint64_t h) { return (h ^ (h >> 29)) * kPrime; };
  std::uint64_t h = name.size() * kPrime;
  const char* at = name.data();
  std::size_t left = name.size();
  std::uint64_t word = 0;
  for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
    std::memcpy(&word, at, sizeof word);
    h = mix(h ^ word);
  }
  for (word = 0; left > 0; --left) word = word << 8 | static_cast<unsigned char>(*at++);
  h = mix(h ^ word);
  return static_cast<std::uint32_t>(h >> 32);
}

// As std::unordered_map has it, as far as it goes. Names are not copied: they live as long as the
// map. References to values and iterators are good until the next insertion or erasure.
template <typename Value>
class NameMap {
 public:
  struct Entry {
    std::string_view first;
    Value second{};
  };
  using iterator = typename std::vector<Entry>::iterator;
  using const_iterator = typename std::vector<Entry>::const_iterator;

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  iterator find(std::string_view name) {
    return entries_.begin() + static_cast<std::ptrdiff_t>(index_of(name, hash_name(name)));
  }
  const_iterator find(std::string_view name) const {
    return entries_.begin() + static_cast<std::ptrdiff_t>(index_of(name, hash_name(name)));
  }
  bool contains(std::string_view name) const {
    return index_of(name, hash_name(name)) != entries_.size();
  }

  // The entry of that name, and whether it is new; then with an empty value.
  std::pair<iterator, bool> try_emplace(std::string_view name) {
    const std::uint32_t hash = hash_name(name);
    const std::size_t index = index_of(name, hash);
    const auto at = static_cast<std::ptrdiff_t>(index);
    if (index != entries_.size()) return {entries_.begin() + at, false};
    if ((entries_.size() + 1) * 4 > slots_.size() * 3) grow();
    entries_.push_back({name, Value{}});
    place({hash, static_cast<std::uint32_t>(entries_.size())});
    return {entries_.begin() + at, true};
  }
  std::pair<iterator, bool> emplace(std::string_view name, Value value) {
    auto out = try_emplace(name);
    if (out.second) out.first->second = std::move(value);
    return out;
  }
  void insert_or_assign(std::string_view name, Value value) {
    try_emplace(name).first->second = std::move(value);
  }
  Value& operator[](std::string_view name) { return try_emplace(name).first->second; }

  // The last entry takes the place of the erased one.
  void erase(std::string_view name) {
    const std::size_t index = index_of(name, hash_name(name));
    if (index == entries_.size()) return;
    vacate(slot_of(hash_name(name), index));
    const std::size_t last = entries_.size() - 1;
    if (index != last) {
      slots_[slot_of(hash_name(entries_[last].first), last)].number =
          static_cast<std::uint32_t>(index + 1);
      entries_[index] = std::move(entries_[last]);
    }
    entries_.pop_back();
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // of the entry, from 1; 0: free
  };

  std::size_t mask() const { return slots_.size() - 1; }

  // The size if there is none.
  std::size_t index_of(std::string_view name, std::uint32_t hash) const {
    if (slots_.empty()) return 0;
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot slot = slots_[i];
      if (slot.number == 0) return entries_.size();
      if (slot.hash == hash && entries_[slot.number - 1].first == name) return slot.number - 1;
    }
  }
  std::size_t slot_of(std::uint32_t hash, std::size_t index) const {
    std::size_t i = hash & mask();
    while (slots_[i].number != index + 1) i = (i + 1) & mask();
    return i;
  }
  void place(Slot slot) {
    std::size_t i = slot.hash & mask();
    while (slots_[i].number != 0) i = (i + 1) & mask();
    slots_[i] = slot;
  }
  // Those behind a free slot move up, as far as they would rather stand there.
  void vacate(std::size_t hole) {
    for (std::size_t i = (hole + 1) & mask(); slots_[i].number != 0; i = (i + 1) & mask()) {
      const std::size_t wants = slots_[i].hash & mask();
      if (((i - wants) & mask()) < ((i - hole) & mask())) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
  }
  void grow() {
    const std::vector<Slot> old = std::exchange(
        slots_, std::vector<Slot>(slots_.empty() ? std::size_t{8} : slots_.size() * 2));
    for (const Slot slot : old) {
      if (slot.number != 0) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
};

}  // namespace tenantlint
