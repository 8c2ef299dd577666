// OpenSSL's way to a socket that does not block: what it writes goes out by one
// send(2) without a signal from a peer that is gone, what it reads comes from
// one recv(2), and nothing is kept in between.
//
// Any thread, each BIO on one at a time.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SOCKET_BIO_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SOCKET_BIO_H_

struct bio_st;

namespace streamhub {

// For SSL_set_bio(). It does not own `fd`, which may not be closed before the
// BIO is freed: another connection would get its number. Null: no memory.
bio_st* NewSocketBio(int fd);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SOCKET_BIO_H_
