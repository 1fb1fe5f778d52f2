#!/bin/sh
# Start a small Ray cluster on this machine, as two machines of two cores each, for trying
# `restorack batch --executor ray`. Each has a raylet of its own; stop both with `ray-cluster.sh stop`.
#
#   sh examples/cluster/ray-cluster.sh            starts it, and prints what to set
#   sh examples/cluster/ray-cluster.sh stop
set -eu
port=${RAY_PORT:-6389}
cores=${RAY_CORES:-2}
export RAY_USAGE_STATS_ENABLED=0

if [ "${1:-start}" = stop ]; then
    exec ray stop
fi
ray start --head --port="$port" --num-cpus="$cores" --include-dashboard=false \
    --object-store-memory=100000000 >/dev/null
# A second raylet on one machine is for trying alone: --block is left out, both run behind.
ray start --address="127.0.0.1:$port" --num-cpus="$cores" --object-store-memory=100000000 >/dev/null
echo "export RAY_ADDRESS=127.0.0.1:$port"
echo "restorack batch transfers/ -r -p 78rpm -o restored/ --executor ray"
