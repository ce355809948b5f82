/** The kernel shares one port among threads only where it has SO_REUSEPORT with balancing. */
export const sharesPorts = process.platform === "linux";
