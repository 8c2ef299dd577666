#include "tests/simulation/topic_client.h"

#include <algorithm>
#include <charconv>

namespace streamhub::simulation {

void TopicClient::Receive(const JsonValue& object, const Published& published,
                          const Newest& newest) {
  const std::string_view type = object.Text("type");
  if (type == "error")
    Expect(false, "refused: " + std::string(object.Text("reason")));
  if (type == "ack") {
    if (object.Find("at") != nullptr) at = object.Text("at");
    if (const JsonValue* const symbols = object.Find("symbols")) {
      for (const auto& [name, told] : symbols->members) {
        described_[name] = told.Find("unknown") == nullptr;
        if (!described_[name]) waited_.insert(name);
        Expect(described_[name] == (told.Find("topic") != nullptr),
               "not described as a topic: " + name);
      }
    }
  }
  // That of a change is not about the first state.
  if (type == "synced" && object.Find("id") == nullptr) {
    for (const auto& [name, known] : described_) {
      // Of one that was awaited it does not tell.
      const bool none =
          known && (waited_.contains(name) ||
                    newest.at(name) + 1 == published.at(name).first);
      Expect(!known || none || held_.contains(name), "synced without " + name);
    }
  }
  const JsonValue* const topics = object.Find("topics");
  if (topics == nullptr) return;
  for (const auto& [name, part] : topics->members) {
    const auto found = published.find(name);
    Expect(found != published.end() && described_[name],
           "messages of what was not described: " + name);
    if (found != published.end()) {
      Take(name, part, found->second, newest.at(name));
    }
  }
}

void TopicClient::Take(const std::string& name, const JsonValue& part,
                       const PublishedTopic& topic, uint64_t newest) {
  const auto v = static_cast<uint64_t>(part.Int("v"));
  const auto& messages = part.Find("messages")->items;
  const JsonValue* const lost = part.Find("lost");
  const bool not_known = lost != nullptr && lost->text.empty();
  const auto held = held_.find(name);
  uint64_t next = v + 1 - messages.size();
  if (held == held_.end()) {
    Expect(!not_known, "nothing was held of " + name);
    // Who waited for it and was too slow has lost some of it.
    const uint64_t gap =
        lost == nullptr ? 0 : static_cast<uint64_t>(part.Int("lost"));
    Expect(!waited_.contains(name) || next - gap == topic.first,
           "not from its first on: " + name);
  } else if (held->second + 1 < topic.first) {
    Expect(not_known, "lost is not null, of another run: " + name);
  } else {
    Expect(!not_known, "lost is null, of this run: " + name);
    const int64_t gap = lost == nullptr ? 0 : part.Int("lost");
    Expect(gap >= 0, "an odd loss of " + name);
    Expect(next == held->second + 1 + static_cast<uint64_t>(gap),
           name + " goes on at " + std::to_string(next) + ", not after " +
               std::to_string(held->second));
    // Nothing is called lost that is still there.
    Expect(gap == 0 || next + topic.keeps <= newest + 1,
           "given up too early: " + name);
    Expect(gap > 0 || lost == nullptr, "a loss of none: " + name);
    Expect(!messages.empty(), "nothing was to be told of " + name);
  }
  for (const JsonValue& message : messages) {
    Expect(static_cast<uint64_t>(message.Int("seq")) == next,
           "out of order: " + name);
    const bool there = next >= topic.first && next <= newest;
    Expect(there && message.Text("data") == topic.data[next - topic.first],
           "not what was published: " + name);
    ++next;
  }
  Expect(v + 1 >= topic.first && v <= newest, "an odd v: " + name);
  held_[name] = v;
  waited_.erase(name);
}

std::vector<std::string> TopicClient::Names() const {
  std::vector<std::string> names;
  for (const std::string& name : wants) {
    const auto held = held_.find(name);
    names.push_back(
        held == held_.end() ? name : name + "@" + std::to_string(held->second));
  }
  return names;
}

std::vector<std::string> TopicClient::PollNames() const {
  std::vector<std::string> names = Names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wants[i] && described_.contains(names[i])) names[i] += "@0";
  }
  return names;
}

void TopicClient::Asked() {
  described_.clear();
  waited_.clear();
}

void TopicClient::HoldsWhat(std::string_view event_id) {
  std::map<std::string, uint64_t> then;
  std::string_view rest = event_id.substr(event_id.find(';') + 1);
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const std::string name(entry.substr(0, entry.find('@')));
    uint64_t seq = 0;
    std::from_chars(entry.data() + name.size() + 1, entry.data() + entry.size(),
                    seq);
    const auto held = held_.find(name);
    Expect(held == held_.end() || seq <= held->second,
           "an id of what was not sent: " + name);
    then[name] = seq;
  }
  held_ = std::move(then);
}

std::string TopicClient::Missing(const Published& published) const {
  for (const std::string& name : wants) {
    const auto topic = published.find(name);
    const auto held = held_.find(name);
    if (topic == published.end() || topic->second.data.empty()) continue;
    if (held == held_.end() || held->second != topic->second.newest()) {
      return "not all of it in the end: " + name;
    }
  }
  return {};
}

bool TopicLine::Send(std::string& batch) {
  const std::string_view message =
      std::string_view(batch).substr(kBatchHeadroom);
  std::string text(message);
  if (envelope_ == Envelope::kFlat) {
    text.clear();
    const absl::Status status = flat_.ToJson(message, &text);
    if (!status.ok()) text = status.ToString();  // which is not JSON
  }
  Newest newest;
  for (const auto& [name, topic] : published_) newest[name] = topic.newest();
  wire_.push_back({std::move(text), std::move(newest)});
  answered = true;
  blocked = !takes_it_();
  return !blocked;
}

void TopicLine::Deliver(size_t messages, TopicClient* client) {
  for (; messages > 0 && !wire_.empty(); --messages) {
    const Sent sent = std::move(wire_.front());
    wire_.pop_front();
    std::string_view rest = sent.text;
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with("id: ")) event_id = line.substr(4);
      if (line.starts_with("data: ")) line.remove_prefix(6);
      if (!line.starts_with('{')) {
        if (envelope_ == Envelope::kSse) continue;
        client->wrong = "no JSON: " + std::string(line);
        return;
      }
      const auto object = JsonReader(line).Read();
      if (!object.has_value()) {
        client->wrong = "no JSON: " + std::string(line);
        return;
      }
      client->Receive(*object, published_, sent.newest);
    }
  }
}

}  // namespace streamhub::simulation
