#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <utility>

namespace streamhub::golden {
namespace {

using simdjson::dom::element_type;

enum class State { kUnread, kRight, kWrong };

// All facts of this program.
class Board {
 public:
  static Board& Get() {
    static auto& board = *new Board;
    return board;
  }

  void Add(const std::string& file, const std::string& path) {
    files_[file].try_emplace(path, State::kUnread);
  }
  void Read(const std::string& file, const std::string& path) {
    State& state = files_[file][path];
    if (state == State::kUnread) state = State::kRight;
    last_ = &state;
  }
  void Note(const std::string& file, const std::string& path, bool right) {
    Read(file, path);
    if (!right) *last_ = State::kWrong;
    last_ = nullptr;
  }
  // An expectation failed.
  void Fail() {
    if (last_ != nullptr) *last_ = State::kWrong;
  }
  void Forget() { last_ = nullptr; }

  void Write(const char* path) const {
    std::ofstream out(path, std::ios::app);
    for (const auto& [file, facts] : files_) {
      for (const auto& [fact, state] : facts) {
        out << file << '\t' << fact << '\t'
            << (state == State::kUnread  ? "unread"
                : state == State::kRight ? "right"
                                         : "wrong")
            << '\n';
      }
    }
  }

 private:
  std::map<std::string, std::map<std::string, State>> files_;
  State* last_ = nullptr;  // of the leaf that was read last
};

class Listener : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo&) override { Board::Get().Forget(); }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) Board::Get().Fail();
  }
  void OnTestProgramEnd(const testing::UnitTest&) override {
    const char* const path = std::getenv("STREAMHUB_GOLDEN_TABLE");
    if (path != nullptr) Board::Get().Write(path);
  }
};

[[maybe_unused]] const bool kListens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Listener);
  return true;
}();

std::string MemberPath(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string ItemPath(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

void AddLeaves(const std::string& file, const simdjson::dom::element& value,
               const std::string& path) {
  if (value.is_object() && simdjson::dom::object(value).size() > 0) {
    for (const auto& [key, member] : simdjson::dom::object(value)) {
      AddLeaves(file, member, MemberPath(path, key));
    }
  } else if (value.is_array() && simdjson::dom::array(value).size() > 0) {
    size_t i = 0;
    for (const simdjson::dom::element item : simdjson::dom::array(value)) {
      AddLeaves(file, item, ItemPath(path, i++));
    }
  } else {
    Board::Get().Add(file, path);
  }
}

}  // namespace

void Note(const std::string& file, const std::string& path, bool right) {
  Board::Get().Note(file, path, right);
}

element::element(simdjson::simdjson_result<simdjson::dom::element> value,
                 std::string file, std::string path)
    : value_(value), file_(std::move(file)), path_(std::move(path)) {}

element element::operator[](std::string_view name) const {
  const auto member = value_[name];
  if (file_.empty()) return element(member, "", "").As(std::string(name));
  return {member, file_, MemberPath(path_, name)};
}

element element::at(size_t index) const {
  return {value_.at(index), file_, ItemPath(path_, index)};
}

element element::As(const std::string& file) const {
  if (value_.error() == simdjson::SUCCESS) AddLeaves(file, raw(), path_);
  return {value_, file, path_};
}

bool element::is_null() const {
  const bool null = value_.is_null();
  if (null) Seen();
  return null;
}

const element* element::begin() const {
  if (items_.empty()) {
    const simdjson::dom::array all = raw();
    for (const simdjson::dom::element item : all) {
      items_.emplace_back(simdjson::dom::element(item), file_,
                          ItemPath(path_, items_.size()));
    }
    if (items_.empty()) Seen();
  }
  return items_.data();
}

void element::Seen() const {
  if (value_.error() == simdjson::SUCCESS && !file_.empty()) {
    Board::Get().Read(file_, path_);
  }
}

object::object(const element& of) {
  const simdjson::dom::object all = of.raw();
  for (const auto& [key, value] : all) {
    members_.push_back({key, of[key]});
  }
  uint64_t none = 0;
  if (members_.empty()) of.get(none);
}

element LoadFiles(const std::string& path) {
  static auto& parsers =
      *new std::map<std::string, std::unique_ptr<simdjson::dom::parser>>;
  auto& parser = parsers[path];
  simdjson::dom::element root;
  if (parser == nullptr) {
    parser = std::make_unique<simdjson::dom::parser>();
    root = parser->load(path);
  } else {
    root = parser->doc.root();
  }
  return {root["files"], "", ""};
}

}  // namespace streamhub::golden
