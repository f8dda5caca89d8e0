#!/bin/busybox sh
# The guest's first program: load the modules, then make the host's files its own. What is written
# stays in memory. LAB_START comes from the kernel's command line.
busybox=/bin/busybox
share=trans=virtio,version=9p2000.L,msize=512000,cache=loose

$busybox mount -t proc proc /proc
$busybox mount -t sysfs sysfs /sys
$busybox mount -t devtmpfs devtmpfs /dev
while read -r module; do
  $busybox insmod /modules/$module || echo "lab: $module does not load"
done < /modules/order

$busybox mount -t 9p -o ro,$share host /host &&
$busybox mount -t tmpfs tmpfs /memory &&
$busybox mkdir -p /memory/files /memory/work &&
$busybox mount -t overlay -o lowerdir=/host,upperdir=/memory/files,workdir=/memory/work lab /root ||
  $busybox poweroff -f
for folder in proc sys dev; do
  $busybox mkdir -p /root/$folder
  $busybox mount -o bind /$folder /root/$folder
done
exec $busybox switch_root /root /bin/sh "$LAB_START"
