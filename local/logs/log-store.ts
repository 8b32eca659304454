/** Log groups and streams in memory, the newest lines of each. */

/** Lines kept of a stream: enough to read why a task stopped, and a bound on memory. */
const LINES_MAX = 1_000;

export interface LogLine {
  /** Counts the lines that a stream was ever given, from 0: older lines may be gone, numbers stay. */
  readonly sequence: number;
  readonly message: string;
  readonly timestampMs: number;
}

export interface LogStream {
  readonly name: string;
  readonly groupName: string;
  readonly createdAtMs: number;
  readonly lines: LogLine[];
  appendedCount: number;
}

export interface LogGroup {
  readonly name: string;
  readonly createdAtMs: number;
  readonly streams: Map<string, LogStream>;
  retentionInDays?: number;
}

export function createLogStore(now: () => number) {
  const groups = new Map<string, LogGroup>();
  return {
    group: (name: string): LogGroup | undefined => groups.get(name),
    groups: (): LogGroup[] => [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    createGroup(name: string): LogGroup {
      const group: LogGroup = { name, createdAtMs: now(), streams: new Map() };
      groups.set(name, group);
      return group;
    },
    deleteGroup: (name: string): boolean => groups.delete(name),
    createStream(group: LogGroup, name: string): LogStream {
      const stream: LogStream = {
        name,
        groupName: group.name,
        createdAtMs: now(),
        lines: [],
        appendedCount: 0,
      };
      group.streams.set(name, stream);
      return stream;
    },
    append(stream: LogStream, line: Omit<LogLine, 'sequence'>): void {
      stream.lines.push({ ...line, sequence: stream.appendedCount });
      stream.appendedCount += 1;
      if (stream.lines.length > LINES_MAX) stream.lines.shift();
    },
  };
}
