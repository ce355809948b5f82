/** What Podman says where it does not start, and what to do about it. The first that fits counts. */
const known: { when: RegExp; fix: string }[] = [
  {
    when: /mkdir \S*\/\.(?:local|config|cache)\b\S* (?:permission denied|read-only|no such file)/i,
    fix: "Name a home that is there and this user's: export HOME=DIR",
  },
  {
    when: /prerequisites for driver|static files directory|(?:graph|run)root must be set/i,
    fix: "Correct driver, graphroot and runroot in /etc/containers/storage.conf (or ~/.config/containers/storage.conf).",
  },
  {
    when: /no subuid ranges|cannot find (?:UID|GID) mappings|insufficient UIDs or GIDs|cannot set up namespace using "\S*newuidmap/i,
    fix: "As root: apt-get install -y uidmap && usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER\nThen, as that user: podman system migrate",
  },
  {
    when: /no space left on device|disk quota exceeded/i,
    fix: "Make room: podman system prune, or more disk where Podman keeps its store.",
  },
  {
    when: /read-only file system/i,
    fix: "Podman's store has to be writable: set graphroot in /etc/containers/storage.conf to a folder on a disk of its own.",
  },
  { when: /decod\w* configuration|toml/i, fix: "Correct the file that is named above." },
  {
    when: /helper_binaries_dir/,
    fix: "As root: apt-get install -y netavark aardvark-dns   (or let helper_binaries_dir in containers.conf name where they are)",
  },
  { when: /conmon/i, fix: "As root: apt-get install -y conmon" },
  { when: /netavark/i, fix: "As root: apt-get install -y netavark aardvark-dns" },
  {
    when: /default OCI runtime|oci runtime .*not found|(?:runc|crun)\S* .*(?:not found|no such file)/i,
    fix: "As root: apt-get install -y runc   (and let runtime in containers.conf name it, if that names another)",
  },
  {
    when: /systemd|dbus|sd-bus/i,
    fix: 'There is no systemd for Podman to ask: write cgroup_manager = "cgroupfs" under [engine] in /etc/containers/containers.conf',
  },
  {
    when: /graph driver|storage driver|database (?:\S+ )*(?:does not match|configuration mismatch)/i,
    fix: "The store was made with other settings: go back to them in storage.conf, or, if nothing of it is needed: podman system reset",
  },
  {
    when: /overlay/i,
    fix: 'As root: apt-get install -y fuse-overlayfs, or write driver = "vfs" under [storage] in storage.conf (slow).',
  },
  {
    when: /permission denied|operation not permitted/i,
    fix: "Run as root, or see that the folder named above is this user's.",
  },
  { when: /address already in use/i, fix: "End the Podman service that holds the socket, or unset CONTAINER_HOST." },
  {
    when: /CONTAINER_HOST/,
    fix: "Unset CONTAINER_HOST, or set it to a socket where Podman answers: unix:///run/podman/podman.sock",
  },
];

const otherwise = "See what `podman info` and `podman --log-level debug system service` say.";

/** What to do about what Podman said; whoever reads it finds the rest in Podman's own words. */
export function fixFor(said: string, unknown: string = otherwise): string {
  return known.find(({ when }) => when.test(said))?.fix ?? unknown;
}
