#include "gateway/transport/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr int64_t kLifeNs = TicketKeys::kLifeSeconds * kSecond;

void Forget(std::optional<TicketKeys::Key>* key) {
  if (key->has_value()) OPENSSL_cleanse(&**key, sizeof(**key));
  key->reset();
}

template <size_t kSize>
bool Fill(std::array<unsigned char, kSize>* bytes) {
  return RAND_bytes(bytes->data(), static_cast<int>(kSize)) == 1;
}

void FreeKeys(void*, void* keys, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<TicketKeys*>(keys);
}

int KeysIndex() {
  static const int index =
      SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeKeys);
  return index;
}

bool SetMac(TicketKeys::Key& key, EVP_MAC_CTX* mac) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(),
                                        key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// SSL_CTX_set_tlsext_ticket_key_evp_cb(3): -1 is an error, 0 a ticket that is
// not taken, 2 one that is taken and to be replaced.
int SealOrOpen(SSL* ssl, unsigned char* name, unsigned char* iv,
               EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
  auto* const keys = static_cast<TicketKeys*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), KeysIndex()));
  const int64_t now_ns = SystemClock().MonoNs();
  if (seals != 0) {
    auto key = keys->Current(now_ns);
    if (!key.has_value()) return -1;
    std::copy(key->name.begin(), key->name.end(), name);
    const bool good =
        RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                           key->cipher.data(), iv) == 1 &&
        SetMac(*key, mac);
    Forget(&key);
    return good ? 1 : -1;
  }
  bool renew = false;
  auto key =
      keys->Find(std::span<const unsigned char, 16>(name, 16), now_ns, &renew);
  if (!key.has_value()) return 0;
  const bool good = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                       key->cipher.data(), iv) == 1 &&
                    SetMac(*key, mac);
  Forget(&key);
  if (!good) return -1;
  return renew ? 2 : 1;
}

}  // namespace

TicketKeys::~TicketKeys() {
  Forget(&current_);
  Forget(&previous_);
}

// False: there is no current key.
bool TicketKeys::Turn(int64_t now_ns) {
  if (previous_.has_value() && now_ns - previous_->made_ns >= 2 * kLifeNs) {
    Forget(&previous_);
  }
  if (current_.has_value() && now_ns - current_->made_ns < kLifeNs) return true;
  Key made;
  made.made_ns = now_ns;
  if (!Fill(&made.name) || !Fill(&made.cipher) || !Fill(&made.mac)) {
    return false;
  }
  Forget(&previous_);
  if (current_.has_value() && now_ns - current_->made_ns < 2 * kLifeNs) {
    previous_ = current_;
  }
  Forget(&current_);
  current_ = made;
  OPENSSL_cleanse(&made, sizeof(made));
  return true;
}

std::optional<TicketKeys::Key> TicketKeys::Current(int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (!Turn(now_ns)) return std::nullopt;
  return current_;
}

std::optional<TicketKeys::Key> TicketKeys::Find(
    std::span<const unsigned char, 16> name, int64_t now_ns, bool* renew) {
  const std::lock_guard lock(mutex_);
  if (!Turn(now_ns)) return std::nullopt;
  for (const auto* key : {&current_, &previous_}) {
    if (!key->has_value() ||
        !std::equal(name.begin(), name.end(), (*key)->name.begin())) {
      continue;
    }
    *renew = key == &previous_;
    return *key;
  }
  return std::nullopt;
}

bool UseTicketKeys(ssl_ctx_st* context) {
  auto keys = std::make_unique<TicketKeys>();
  if (KeysIndex() < 0 ||
      SSL_CTX_set_ex_data(context, KeysIndex(), keys.get()) != 1) {
    return false;
  }
  keys.release();  // FreeKeys has it
  return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, SealOrOpen) == 1;
}

}  // namespace streamhub
