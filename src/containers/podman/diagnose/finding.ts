/** One thing that Podman needs here. `fix` says what to do, as commands where possible; set where it is not `ok`. */
export interface PodmanFinding {
  subject: string;
  ok: boolean;
  message: string;
  fix?: string;
}

export function fine(subject: string, message: string): PodmanFinding {
  return { subject, ok: true, message };
}

export function broken(subject: string, message: string, fix: string): PodmanFinding {
  return { subject, ok: false, message, fix };
}
