// The distribution along one sampled path, against the one of the tree of all token sequences that a teacher could
// write.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/support/data_logged_answer.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

constexpr int kForeign = -1;

// A node of the tree: what was written so far, and what may be written next. An empty token ends the answer.
struct Node {
  std::string text;
  std::vector<std::string> tokens;
  std::vector<double> probabilities;
  std::vector<Node> children;
  int ends_as = kForeign;  // a leaf: the class, or kForeign
};

class Teacher {
 public:
  explicit Teacher(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }
  double chance() { return std::uniform_real_distribution<double>(0.01, 1)(random_); }

  // Words over few letters, so that many begin alike. Some hold a space or "_".
  std::string word(std::string_view letters) {
    std::string text;
    const unsigned length = 1 + below(6);
    while (text.size() < length) {
      const bool may_separate = !text.empty() && text.size() + 1 < length && text.back() != ' ' && text.back() != '_';
      text += may_separate && below(3) == 0 ? " _"[below(2)] : letters[below(static_cast<unsigned>(letters.size()))];
    }
    return text;
  }

  void make_words(unsigned classes, bool prefixes) {
    for (int i = 0; words_.size() < 2 || (words_.size() < classes && i < 100); ++i)
      add_word(word("abcd"), static_cast<int>(words_.size()), prefixes);
    for (int i = 0; i < 3; ++i) add_word(word("xyz"), kForeign, true);
  }

  // Every way of writing a word with the tokens of the vocabulary is a path.
  Node grow(const std::string& text) {
    Node node;
    node.text = text;
    std::set<std::string> tokens;
    bool ends = false;
    for (const auto& [spelling, owner] : words_of_all_) {
      if (!spelling.starts_with(text)) continue;
      if (spelling == text) {
        ends = true;
        node.ends_as = owner;
        continue;
      }
      for (std::size_t bytes = 1; bytes <= 3 && text.size() + bytes <= spelling.size(); ++bytes)
        if (vocabulary_.contains(spelling.substr(text.size(), bytes)))
          tokens.insert(spelling.substr(text.size(), bytes));
    }
    if (ends && tokens.empty()) return node;
    if (ends) add_child(node, "", Node{text, {}, {}, {}, node.ends_as});
    for (const std::string& token : tokens) add_child(node, token, grow(text + token));
    double sum = 0;
    for (double probability : node.probabilities) sum += probability;
    for (double& probability : node.probabilities) probability /= sum;
    return node;
  }

  Node tree() {
    for (const auto& [spelling, owner] : words_of_all_)
      for (std::size_t i = 0; i < spelling.size(); ++i) {
        vocabulary_.insert(spelling.substr(i, 1));  // every word can be written
        for (std::size_t bytes = 2; bytes <= 3 && i + bytes <= spelling.size(); ++bytes)
          if (below(2) == 0) vocabulary_.insert(spelling.substr(i, bytes));
      }
    return grow("");
  }

  std::vector<std::string> words_;

 private:
  void add_word(const std::string& text, int owner, bool prefixes) {
    const auto alike = [](std::string_view other) {
      std::string key(other);
      std::ranges::replace(key, '_', ' ');
      return key;
    };
    for (const auto& [other, claimed] : words_of_all_) {
      const bool begins = alike(other).starts_with(alike(text)) || alike(text).starts_with(alike(other));
      if (alike(other) == alike(text) || (!prefixes && begins)) return;
    }
    words_of_all_.emplace(text, owner);
    if (owner != kForeign) words_.push_back(text);
  }
  void add_child(Node& node, const std::string& token, Node child) {
    node.tokens.push_back(token);
    node.probabilities.push_back(chance());
    node.children.push_back(std::move(child));
  }

  std::mt19937 random_;
  std::map<std::string, int> words_of_all_;
  std::set<std::string> vocabulary_;
};

bool is_leaf(const Node& node) { return node.children.empty(); }

void add_leaves(const Node& node, double mass, std::map<int, double>& classes) {
  if (is_leaf(node)) classes[node.ends_as] += mass;
  for (std::size_t i = 0; i < node.children.size(); ++i)
    add_leaves(node.children[i], mass * node.probabilities[i], classes);
}

// What a log of one path shows: a branch that it does not follow is its class's if all its leaves are of one, or if its
// text is a class's word (read as complete: the log does not show how it goes on); else nobody's.
void add_branch(const Node& branch, double mass, std::map<int, double>& classes) {
  std::map<int, double> leaves;
  add_leaves(branch, 1, leaves);
  if (branch.ends_as != kForeign)
    classes[branch.ends_as] += mass;
  else if (leaves.size() == 1 && !leaves.contains(kForeign))
    classes[leaves.begin()->first] += mass;
}

struct Walk {
  std::vector<tests::Position> positions;
  std::map<int, double> shown;  // by class
  std::string text;
  int ends_as = kForeign;
};

Walk sample(const Node& root, Teacher& teacher, std::size_t listed) {
  Walk walk;
  const Node* node = &root;
  double mass = 1;
  while (!is_leaf(*node)) {
    const std::size_t chosen = teacher.below(static_cast<unsigned>(node->children.size()));
    std::vector<std::size_t> order(node->children.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order,
                      [&](std::size_t a, std::size_t b) { return node->probabilities[a] > node->probabilities[b]; });
    tests::Position position{node->tokens[chosen], {}, node->probabilities[chosen]};
    for (std::size_t i = 0; i < std::min(order.size(), listed); ++i) {
      position.listed.push_back({node->tokens[order[i]], node->probabilities[order[i]]});
      if (order[i] != chosen) add_branch(node->children[order[i]], mass * node->probabilities[order[i]], walk.shown);
    }
    walk.positions.push_back(std::move(position));
    mass *= node->probabilities[chosen];
    node = &node->children[chosen];
  }
  walk.text = node->text;
  walk.ends_as = node->ends_as;
  walk.shown[walk.ends_as] += mass;
  return walk;
}

struct Tried {
  int read = 0, foreign = 0, several_tokens = 0, decided_later = 0;
};

void compare(unsigned seed, bool prefixes, Tried& tried) {
  Teacher teacher(seed);
  teacher.make_words(2 + teacher.below(6), prefixes);
  const LabelSet labels = tests::labels_of(teacher.words_);
  const Node tree = teacher.tree();
  std::map<int, double> truth;
  add_leaves(tree, 1, truth);
  const std::size_t listed = teacher.below(2) == 0 ? 1000 : 3;
  Walk walk = sample(tree, teacher, listed);
  const bool has_text = teacher.below(4) != 0;
  const LoggedAnswer answer = tests::logged(has_text ? std::optional(walk.text) : std::nullopt, walk.positions);
  const auto read = read_answer(answer, labels, {.min_class_mass = 0, .top_k = 100});
  const auto* reading = std::get_if<AnswerReading>(&read);
  if (walk.ends_as == kForeign) {
    EXPECT_EQ(reading, nullptr) << "seed " << seed << ": " << walk.text << " is no class";
    ++tried.foreign;
    return;
  }
  ASSERT_NE(reading, nullptr) << "seed " << seed << ": " << walk.text << " "
                              << reason_code(std::get<Rejection>(read).reason) << " "
                              << std::get<Rejection>(read).detail;
  std::map<int, double> classes;
  for (const ClassMass& entry : reading->classes) classes[entry.class_index] = entry.probability;
  for (int i = 0; i < static_cast<int>(labels.names().size()); ++i) {
    EXPECT_NEAR(classes[i], walk.shown[i], 1e-9)
        << "seed " << seed << ", class " << labels.names()[i] << ", answer " << walk.text;
    if (prefixes) continue;
    EXPECT_LE(classes[i], truth[i] + 1e-9) << "seed " << seed << ": never another class's mass";
  }
  ++tried.read;
  tried.several_tokens += walk.positions.size() > 1 ? 1 : 0;
  tried.decided_later += walk.positions.back().sampled.empty() ? 1 : 0;
}

TEST(TokenTree, TheDistributionIsTheTreesAsFarAsTheLogShowsIt) {
  Tried tried;
  for (unsigned seed = 0; seed < 1500; ++seed) compare(seed, false, tried);
  EXPECT_GT(tried.read, 500);
  EXPECT_GT(tried.foreign, 50);
  EXPECT_GT(tried.several_tokens, 400);
}

TEST(TokenTree, WordsThatGoOnIntoOthersAreDecidedAtTheNextToken) {
  Tried tried;
  for (unsigned seed = 0; seed < 4000; ++seed) compare(seed, true, tried);
  EXPECT_GT(tried.read, 500);
  EXPECT_GT(tried.decided_later, 50);
}

}  // namespace
}  // namespace noggin::data
