#include "data/ingest/key_runs.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace noggin::data {
namespace {

constexpr std::size_t kFilterBits = 10;                    // of a key: one of a hundred that are not there passes
constexpr unsigned kProbes = 6, kProbeBits = 9;            // a bit of 512
constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio

std::string_view bytes_of(const std::vector<KeyRuns::Entry>& entries) {
  return {reinterpret_cast<const char*>(entries.data()), entries.size() * sizeof(KeyRuns::Entry)};
}

bool is_before(const KeyRuns::Entry& a, const KeyRuns::Entry& b) { return a.key < b.key; }

}  // namespace

KeyRuns::Filter::Filter(std::size_t keys) : lines_(keys * kFilterBits / 512 + 1) {}

std::size_t KeyRuns::Filter::line_of(std::uint64_t key) const {
  return static_cast<std::size_t>((key >> 32U) * lines_.size() >> 32U);
}

void KeyRuns::Filter::add(std::uint64_t key) {
  Line& line = lines_[line_of(key)];
  std::uint64_t bits = key * kMultiplier;
  for (unsigned probe = 0; probe < kProbes; ++probe, bits >>= kProbeBits)
    line[bits >> 6U & 7U] |= std::uint64_t{1} << (bits & 63U);
}

bool KeyRuns::Filter::may_hold(std::uint64_t key) const {
  const Line& line = lines_[line_of(key)];
  std::uint64_t bits = key * kMultiplier;
  for (unsigned probe = 0; probe < kProbes; ++probe, bits >>= kProbeBits)
    if ((line[bits >> 6U & 7U] >> (bits & 63U) & 1U) == 0) return false;
  return true;
}

Status KeyRuns::Run::add(const Entry& entry) {
  if (block.empty()) firsts.push_back(entry.key);
  filter.add(entry.key);
  block.push_back(entry);
  return block.size() < kBlockEntries ? Status() : finish_block();
}

Status KeyRuns::Run::finish_block() {
  if (block.empty()) return {};
  const Result<Spill::Place> place = bytes.add(bytes_of(block));
  if (!place) return place.error();
  blocks.push_back(*place);
  block.clear();
  return {};
}

Result<std::size_t> KeyRuns::Run::read_block(std::size_t number, std::vector<Entry>& into) const {
  std::string buffer;
  const Result<std::string_view> read = bytes.get(blocks[number], buffer);
  if (!read) return read.error();
  into.resize(read->size() / sizeof(Entry));
  std::memcpy(into.data(), read->data(), read->size());
  return into.size();
}

Result<KeyRuns::Found> KeyRuns::find_in_runs(std::uint64_t key) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!(*run)->filter.may_hold(key)) continue;
    const std::vector<std::uint64_t>& firsts = (*run)->firsts;
    const auto after = std::upper_bound(firsts.begin(), firsts.end(), key);
    if (after == firsts.begin()) continue;
    const auto block = static_cast<std::size_t>(after - firsts.begin()) - 1;
    if (const Result<std::size_t> read = (*run)->read_block(block, buffer_); !read) return read.error();
    const auto found = std::lower_bound(buffer_.begin(), buffer_.end(), Entry{key, 0}, is_before);
    if (found != buffer_.end() && found->key == key)
      return Found{run->get(), block, static_cast<std::size_t>(found - buffer_.begin()), found->value};
  }
  return Found{};
}

Result<std::optional<std::uint64_t>> KeyRuns::find(std::uint64_t key) const {
  if (const std::uint64_t* held = newest_.find(key)) return std::optional(*held);
  const Result<Found> found = find_in_runs(key);
  if (!found) return found.error();
  return found->run == nullptr ? std::optional<std::uint64_t>() : std::optional(found->value);
}

Status KeyRuns::add(std::uint64_t key, std::uint64_t value) {
  newest_.insert(key, value);
  ++size_;
  return newest_.size() < most_held_ ? Status() : write_out();
}

Status KeyRuns::replace(std::uint64_t key, std::uint64_t value) {
  if (std::uint64_t* held = newest_.find(key)) {
    *held = value;
    return {};
  }
  const Result<Found> found = find_in_runs(key);
  if (!found) return found.error();
  buffer_[found->at].value = value;  // the block that was read last
  for (const std::unique_ptr<Run>& run : runs_)
    if (run.get() == found->run) return run->bytes.replace(run->blocks[found->block], bytes_of(buffer_));
  return {};
}

Status KeyRuns::write_out() {
  std::vector<Entry> entries;
  entries.reserve(newest_.size());
  newest_.for_each([&entries](std::uint64_t key, std::uint64_t value) { entries.push_back({key, value}); });
  newest_ = {};
  std::sort(entries.begin(), entries.end(), is_before);
  auto run = std::make_unique<Run>(entries.size());
  for (const Entry& entry : entries)
    if (Status status = run->add(entry); !status) return status;
  if (Status status = run->finish_block(); !status) return status;
  runs_.push_back(std::move(run));
  while (runs_.size() >= kMerged && runs_[runs_.size() - kMerged]->tier == runs_.back()->tier)
    if (Status status = merge_last(); !status) return status;
  return {};
}

// The last kMerged runs become one. No two of them have a key in common.
Status KeyRuns::merge_last() {
  struct Cursor {
    const Run* run;
    std::vector<Entry> block{};
    std::size_t next_block = 0, at = 0;
    // False at the end.
    Result<bool> advance() {
      if (++at < block.size()) return true;
      if (next_block == run->blocks.size()) return false;
      at = 0;
      if (const Result<std::size_t> read = run->read_block(next_block++, block); !read) return read.error();
      return true;
    }
    std::uint64_t key() const { return block[at].key; }
  };
  const std::size_t first = runs_.size() - kMerged;
  std::size_t keys = 0;
  std::vector<Cursor> cursors;
  for (std::size_t i = first; i < runs_.size(); ++i) {
    keys += runs_[i]->entries;
    Cursor cursor{runs_[i].get()};
    if (const Result<bool> begun = cursor.advance(); !begun) return begun.error();
    cursors.push_back(std::move(cursor));
  }
  auto merged = std::make_unique<Run>(keys);
  merged->tier = runs_.back()->tier + 1;
  while (!cursors.empty()) {
    const auto least =
        std::ranges::min_element(cursors, [](const Cursor& a, const Cursor& b) { return a.key() < b.key(); });
    if (Status status = merged->add(least->block[least->at]); !status) return status;
    const Result<bool> more = least->advance();
    if (!more) return more.error();
    if (!*more) cursors.erase(least);
  }
  if (Status status = merged->finish_block(); !status) return status;
  runs_.resize(first);
  runs_.push_back(std::move(merged));
  return {};
}

}  // namespace noggin::data
