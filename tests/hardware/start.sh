#!/bin/sh
# The guest's second program, with the host's files: udev, gadgets, then the command of the lab.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mount -t tmpfs tmpfs /run
mkdir -p /run/out /dev/pts
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 out /run/out
touch /run/out/up
mount -t devpts devpts /dev/pts
ln -sf /proc/self/fd /dev/fd
busybox ifconfig lo 127.0.0.1 up
mount -t configfs configfs /sys/kernel/config
udevd=/lib/systemd/systemd-udevd
test -x $udevd || udevd=/usr/lib/systemd/systemd-udevd
$udevd --daemon
udevadm settle
sh /run/out/command </dev/null >/run/out/output 2>&1
echo $? >/run/out/exit
sync
busybox poweroff -f
