# shellcheck shell=bash
# shellcheck disable=SC2034
# The workloads of a comparison. For compare.sh, which sources it.
#
# gateways: what runs of the gateway there are, each NAME=MAX_RATE. The peers
# send every tick; a gateway that may hold back more is another way to be asked
# the same question, and stands on a line of its own.

readonly all_workloads='immediate broadcast caplin-10 caplin-100 hot storm'

# Sets clients, each, symbols, ticks (per second, of all), connect_rate, warmup,
# duration, kind and gateways.
choose_workload() {
  kind=delivery warmup=3 duration=10
  case $1 in
    immediate)
      # Few enough that a tick is with the last client soon; what counts is age.
      clients=1000 each=1 symbols=1 ticks=10 connect_rate=500
      gateways='gateway=unlimited'
      ;;
    broadcast)
      clients=5000 each=1 symbols=1 ticks=10 connect_rate=1000
      gateways='gateway=unlimited'
      ;;
    caplin-10)
      clients=5000 each=10 symbols=1000 ticks=500 connect_rate=1000
      gateways='gateway=unlimited gateway-4=4'
      ;;
    caplin-100)
      clients=2000 each=100 symbols=1000 ticks=500 connect_rate=500
      gateways='gateway=unlimited gateway-4=4'
      ;;
    hot)
      kind=conflation
      clients=500 each=10 symbols=100 ticks=100000 connect_rate=250
      gateways='gateway-10=10 gateway-100=100'
      ;;
    storm)
      # All at once; what counts is when they have their first update.
      kind=storm warmup=0 duration=2
      clients=5000 each=1 symbols=1 ticks=10 connect_rate=1000000
      gateways='gateway=unlimited'
      ;;
    *)
      echo "compare.sh: no workload $1 (there are: $all_workloads)" >&2
      return 1
      ;;
  esac
}
