#!/usr/bin/env bash
# Installs, on Debian and its kin, the system libraries that the application and its tests need; as root or with sudo.
set -euo pipefail
packages=(
  python3-venv                                                            # the environment
  libegl1 libgl1 libopengl0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libfreetype6   # Qt
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 libxcb-render-util0 libxcb-xinerama0 libxcb-randr0
  poppler-utils                                                           # the tests read PDFs back
  gnome-keyring libsecret-tools dbus                                      # the tests use a real keyring
  chromium chromium-driver                                                # the tests look at the web administration
)
command -v dpkg-query >/dev/null || { echo "This is not Debian: install Qt 6's system libraries, poppler-utils and gnome-keyring yourself."; exit 0; }
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These system packages are missing and there is no sudo: ${missing[*]}"; exit 1; }
  as_root=(sudo)
fi
echo "Installing system packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
