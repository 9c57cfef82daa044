// operator new and delete for a program that makes a great many small records, keeps nearly all of
// them, and ends: sizes in classes, one list of free blocks for each class and thread, no headers,
// no locks, nothing given back. Pages are asked for in large units where the system has them: most
// of the time that a fault costs is spent before the first byte is written. Measured on 1,000
// migrations: two fifths of the whole CPU time. Sanitizers keep their own allocator.
#include "sql-linter/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace tenantlint {

void prepare_memory() {
#ifdef __GLIBC__
  constexpr int kKeep = 256 * 1024 * 1024;
  constexpr int kStep = 1024 * 1024;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, kKeep);
  mallopt(M_TOP_PAD, kStep);
#endif
}

}  // namespace tenantlint

#ifndef __SANITIZE_ADDRESS__

namespace {

// Addresses only: a page costs memory once it is written to.
constexpr std::size_t kReserved = std::size_t{32} * 1024 * 1024 * 1024;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kSlab = 32 * 1024;  // what a class of small blocks takes at a time
constexpr std::size_t kHuge = 2 * 1024 * 1024;

// Up to kSmall in steps of 16 bytes; above, four classes between each two powers of two.
constexpr std::size_t kSmall = 1024;
constexpr std::size_t kSmallClasses = kSmall / 16;
constexpr std::size_t kLargest = std::size_t{1} << 30;
constexpr std::size_t kClasses = kSmallClasses + 4 * 20;

std::size_t class_of(std::size_t size) {
  if (size <= kSmall) return (std::max<std::size_t>(size, 1) - 1) / 16;
  const auto power = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;
  return kSmallClasses + (power - 10) * 4 + (((size - 1) >> (power - 2)) & 3U);
}

std::size_t size_of(std::size_t index) {
  if (index < kSmallClasses) return (index + 1) * 16;
  const std::size_t power = 10 + (index - kSmallClasses) / 4;
  return (std::size_t{1} << power) + (((index - kSmallClasses) % 4 + 1) << (power - 2));
}

// Which class the blocks of a page have. Written before a block of the page is given out.
std::array<std::uint8_t, kReserved / kPage> page_class;
// Where the reserved addresses begin; no address is above kNone and within what is reserved.
constexpr std::uintptr_t kNone = 0 - kReserved;
std::atomic<std::uintptr_t> region{kNone};
std::atomic<std::size_t> taken{0};

struct Free {
  Free* next;
};
struct Class {
  Free* free;
  std::byte* next;
  std::byte* end;
};
constinit thread_local std::array<Class, kClasses> classes{};

// kNone where the system does not give that many addresses: then all goes to the C library.
std::uintptr_t start() {
  std::uintptr_t begin = region.load(std::memory_order_acquire);
  if (begin != kNone) return begin;
  void* made = mmap(nullptr, kReserved, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED) return kNone;
  madvise(made, kReserved, MADV_HUGEPAGE);
  const std::uintptr_t aligned =
      (reinterpret_cast<std::uintptr_t>(made) + kHuge - 1) & ~(kHuge - 1);
  if (region.compare_exchange_strong(begin, aligned)) return aligned;
  munmap(made, kReserved);
  return begin;
}

[[gnu::noinline]] void* refill(std::size_t index) {
  const std::size_t size = size_of(index);
  const std::size_t want = size > kSlab / 2 ? (size + kPage - 1) & ~(kPage - 1) : kSlab;
  const std::uintptr_t begin = start();
  if (begin == kNone) return nullptr;
  const std::size_t at = taken.fetch_add(want, std::memory_order_relaxed);
  if (at + want > kReserved - kHuge) return nullptr;
  auto* slab = reinterpret_cast<std::byte*>(begin + at);
  std::fill_n(&page_class[at / kPage], want / kPage, static_cast<std::uint8_t>(index));
  Class& of = classes[index];
  of.next = slab + size;
  of.end = slab + want;
  return slab;
}

void* allocate(std::size_t size) {
  if (size <= kLargest) {
    const std::size_t index = class_of(size);
    Class& of = classes[index];
    if (Free* block = of.free) {
      of.free = block->next;
      return block;
    }
    const std::size_t rounded = size_of(index);
    if (static_cast<std::size_t>(of.end - of.next) >= rounded) {
      void* block = of.next;
      of.next += rounded;
      return block;
    }
    if (void* block = refill(index)) return block;
  }
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void release(void* block) {
  if (block == nullptr) return;
  const std::size_t at =
      reinterpret_cast<std::uintptr_t>(block) - region.load(std::memory_order_relaxed);
  if (at >= kReserved) return std::free(block);
  Class& of = classes[page_class[at / kPage]];
  auto* freed = static_cast<Free*>(block);
  freed->next = of.free;
  of.free = freed;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}

#endif
