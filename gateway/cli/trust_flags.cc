#include "gateway/cli/trust_flags.h"

#include <CLI/CLI.hpp>

namespace streamhub {

void AddTrustFlags(CLI::App& app, TlsTrust* trust) {
  CLI::Option* const ca =
      app.add_option("--ca", trust->ca,
                     "of TLS: who may have signed the server's certificate "
                     "[the system's authorities]")
          ->type_name("FILE");
  app.add_flag("--insecure", trust->insecure,
               "of TLS: any certificate will do, whoever it is of")
      ->excludes(ca);
}

}  // namespace streamhub
