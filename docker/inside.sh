#!/usr/bin/env bash
# Run a command in an image's root file system nearly as a container engine would, without one; as root:
#   inside.sh ROOT [SOURCE:TARGET[:ro] …] -- [NAME=value …] COMMAND …
# Read-only root, /tmp in memory, uid 10001 group 0, no capabilities, no new privileges, namespaces of its own for mounts and processes.
# Not as there: no seccomp filter, no memory or processor limits; the network is the caller's (unshare --net).
set -euo pipefail
exec unshare --mount --pid --fork --kill-child sh -c '
  set -eu
  root=$1
  shift
  ip link set lo up
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  mount -t tmpfs tmpfs "$root/tmp"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  while [ "$1" != -- ]; do
    source=${1%%:*} target=${1#*:}
    mount --bind "$source" "$root/${target%:ro}"
    case $target in *:ro) mount -o remount,bind,ro "$root/${target%:ro}" ;; esac
    shift
  done
  shift
  exec chroot "$root" /usr/bin/setpriv --reuid 10001 --regid 0 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
    /usr/bin/env -i HOME=/tmp PATH=/opt/gongkai/.venv/bin:/usr/local/bin:/usr/bin:/bin \
      PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GONGKAI_UI_HOST=0.0.0.0 "$@"
' sh "$@"
