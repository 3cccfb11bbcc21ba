#!/bin/sh
# Checks the files in this folder as systemd and the desktops read them.
# Needs systemd-analyze and systemd-sysusers (package systemd) and desktop-file-validate (package desktop-file-utils).
set -eu

# The highest exposure allowed, in tenths of systemd's scale from 0 (locked in) to 10 (free).
readonly EXPOSURE=27

folder=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for tool in systemd-analyze systemd-sysusers desktop-file-validate; do
    if ! command -v "$tool" >/dev/null; then
        echo "check.sh: $tool is missing; install the packages systemd and desktop-file-utils" >&2
        exit 1
    fi
done

# The programs need not be installed for the check: stand-ins are put in their place.
root=$work/root
mkdir -p "$root/usr/bin" "$root/etc/systemd/system" "$root/etc/sysusers.d"
for program in fileward-agent fileward-tray; do
    printf '#!/bin/sh\n' >"$root/usr/bin/$program"
    chmod 755 "$root/usr/bin/$program"
done

unit=$work/fileward-agent.service
sed "s|^ExecStart=/usr/bin|ExecStart=$root/usr/bin|" "$folder/fileward-agent.service" >"$unit"
messages=$(systemd-analyze verify "$unit" 2>&1) || true
if [ -n "$messages" ]; then
    echo "$messages" >&2
    exit 1
fi
if grep -q '^RestrictSUIDSGID=yes' "$unit"; then
    echo "check.sh: RestrictSUIDSGID forbids openat2, and the agent opens every folder with it" >&2
    exit 1
fi
systemd-analyze security --offline=true --threshold=$EXPOSURE --no-pager "$unit" >"$work/security" || {
    cat "$work/security" >&2
    exit 1
}
tail -n 1 "$work/security"

cp "$folder/fileward-worker.conf" "$root/etc/sysusers.d/"
systemd-sysusers --root="$root" fileward-worker.conf >/dev/null 2>&1
grep -q '^fileward-worker:' "$root/etc/passwd"

desktop-file-validate "$folder/fileward-tray.desktop"
