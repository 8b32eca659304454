/** The only hosts on which the local cloud is found, as they stand in URLs and Host headers. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
