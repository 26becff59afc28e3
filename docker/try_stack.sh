#!/usr/bin/env bash
# docker/try_stack.py in a network of its own, on the image that docker/try_image.sh built; as root.
set -euo pipefail
cd "$(dirname "$0")/.."
container=$(buildah from --pull-never localhost/gongkai)
trap 'buildah umount "$container" >/dev/null; buildah rm "$container" >/dev/null' EXIT
unshare --net --pid --fork --kill-child --mount-proc \
  .venv/bin/python docker/try_stack.py "${1:-/var/tmp/gongkai-stack}" "$(buildah mount "$container")"
