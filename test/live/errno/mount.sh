# A filesystem of a type at FOLDER/m and a tmpfs at FOLDER/t, then a program there. To be run in a mount namespace of its own, with which all of it goes.
# Usage: unshare --mount sh mount.sh TYPE FOLDER PROGRAM
set -e
type=$1 folder=$2 program=$3
mkdir -p "$folder/m" "$folder/t" "$folder/images"
mount -t tmpfs none "$folder/t"
mount -t tmpfs none "$folder/images"
cd "$folder/images"

disk() {
  truncate -s 512M "$1"
  case $1 in btrfs) mkfs.btrfs -q "$1" ;; *) "mkfs.$1" -q "$1" ;; esac >/dev/null 2>&1
  mkdir -p "$2"
  mount -o loop "$1" "$2"
}

case $type in
tmpfs) mount -t tmpfs none "$folder/m" ;;
xfs | ext4 | btrfs) disk "$type" "$folder/m" ;;
erofs)
  mkdir files
  "$program" files populate
  mkfs.erofs --quiet erofs files >/dev/null 2>&1
  mount -t erofs -o loop erofs "$folder/m"
  ;;
overlay)
  disk xfs layers
  mkdir layers/lower layers/upper layers/work
  "$program" layers/lower populate
  layers=lowerdir=layers/lower,upperdir=layers/upper,workdir=layers/work
  mount -t overlay -o "$layers" none "$folder/m"
  ;;
esac
exec "$program" "$folder/m" "$type" "$folder/t" "$folder/images/layers"
