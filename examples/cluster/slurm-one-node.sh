#!/bin/sh
# Start Slurm on this machine alone, from Debian's slurm-wlm, for trying
# `restorack batch --executor slurm` and array jobs. Needs root; apt-get install slurm-wlm munge.
#
#   sudo sh examples/cluster/slurm-one-node.sh        starts it
#   sudo sh examples/cluster/slurm-one-node.sh stop
set -eu
state=${SLURM_TRIAL:-/var/lib/slurm-trial}
conf=/etc/slurm/slurm.conf
host=$(hostname -s)

if [ "${1:-start}" = stop ]; then
    for daemon in slurmctld slurmd; do
        [ ! -e "$state/$daemon.pid" ] || kill "$(cat "$state/$daemon.pid")" || true
    done
    exit 0
fi
mkdir -p "$state/controller" "$state/node" /etc/slurm
if [ -e "$conf" ] && ! grep -q "of slurm-one-node.sh" "$conf"; then
    echo "$conf is there, and not of this script: nothing was changed" >&2
    exit 1
fi
# Jobs are not accounted for: squeue tells what has left the queue.
cat >"$conf" <<END
# of slurm-one-node.sh
ClusterName=trial
SlurmctldHost=$host
SlurmUser=root
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/node
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=$host CPUs=$(nproc) State=UNKNOWN
PartitionName=trial Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
if ! pgrep -x munged >/dev/null; then
    [ -e /etc/munge/munge.key ] || mungekey --create
    mkdir -p /run/munge && chown munge: /run/munge
    su munge -s /bin/sh -c /usr/sbin/munged
fi
slurmctld
slurmd
sinfo
echo "restorack batch transfers/ -r -p 78rpm -o restored/ --executor slurm --jobs 2"
