#include "gateway/transport/socket_bio.h"

#include <openssl/bio.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace streamhub {
namespace {

int DescriptorOf(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

bool MayBeTriedAgain() { return errno == EAGAIN || errno == EINTR; }

int WriteBytes(BIO* bio, const char* bytes, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(DescriptorOf(bio), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (MayBeTriedAgain()) BIO_set_retry_write(bio);
    return -1;
  }
  *written = static_cast<size_t>(sent);
  return 1;
}

int ReadBytes(BIO* bio, char* room, size_t size, size_t* read) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(DescriptorOf(bio), room, size, MSG_DONTWAIT);
  if (got > 0) {
    *read = static_cast<size_t>(got);
    return 1;
  }
  if (got == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return 0;
  }
  if (MayBeTriedAgain()) BIO_set_retry_read(bio);
  return -1;
}

long Control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    case BIO_CTRL_FLUSH:
      return 1;
    default:
      return 0;
  }
}

// Never freed: connections of any thread use it until the end.
const BIO_METHOD* Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(
        BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
        "client socket");
    if (made != nullptr) {
      BIO_meth_set_write_ex(made, WriteBytes);
      BIO_meth_set_read_ex(made, ReadBytes);
      BIO_meth_set_ctrl(made, Control);
    }
    return made;
  }();
  return method;
}

}  // namespace

bio_st* NewSocketBio(int fd) {
  if (Method() == nullptr) return nullptr;
  BIO* const bio = BIO_new(Method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace streamhub
