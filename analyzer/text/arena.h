// Memory for trees: allocated in one direction, freed all at once, never destroyed piecemeal.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tenantlint {

// Owns everything made from it; destructors are not run, so only trivially destructible types fit.
// Not safe for use by two threads at once.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `size` bytes aligned for any tree node.
  void* allocate(std::size_t size) {
    size = (size + kAlign - 1) & ~(kAlign - 1);
    if (size > left_) refill(size);
    void* out = next_;
    next_ += size;
    left_ -= size;
    return out;
  }

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlign);
    return new (allocate(sizeof(T))) T{std::forward<Args>(args)...};
  }

  // A copy of `text` that lives as long as the arena, followed by a NUL byte.
  std::string_view copy(std::string_view text) {
    // Names are short and many: they are packed, without the alignment that nodes need.
    const std::size_t size = text.size() + 1;
    char* out = nullptr;
    if (size <= characters_left_) {
      out = characters_;
      characters_ += size;
      characters_left_ -= size;
    } else if (size >= kCharacterBlock) {
      out = static_cast<char*>(allocate(size));
    } else {
      out = static_cast<char*>(allocate(kCharacterBlock));
      characters_ = out + size;
      characters_left_ = kCharacterBlock - size;
    }
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    out[text.size()] = '\0';
    return {out, text.size()};
  }

  // `count` value-initialised elements.
  template <typename T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlign);
    if (count == 0) return {};
    T* out = static_cast<T*>(allocate(sizeof(T) * count));
    for (std::size_t i = 0; i < count; ++i) new (out + i) T{};
    return {out, count};
  }

  template <typename T>
  std::span<const T> list(const std::vector<T>& items) {
    std::span<T> out = array<T>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) out[i] = items[i];
    return out;
  }

 private:
  static constexpr std::size_t kAlign = alignof(std::max_align_t);
  // Small blocks while there are few: most files are small, and there are many of them.
  static constexpr std::size_t kSmallBlock = 1024;
  static constexpr std::size_t kLargeBlock = 128 * 1024;
  static constexpr std::size_t kSmallBlocks = 64;
  static constexpr std::size_t kCharacterBlock = 512;

  void refill(std::size_t size) {
    const std::size_t block = blocks_.size() < kSmallBlocks ? kSmallBlock : kLargeBlock;
    const std::size_t take = size > block ? size : block;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(take));
    next_ = blocks_.back().get();
    left_ = take;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  char* characters_ = nullptr;
  std::size_t characters_left_ = 0;
};

}  // namespace tenantlint
