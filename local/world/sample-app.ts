/** The application that the demo deploys: a small HTTP server whose faults are chosen by environment variables. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { createScaledClock } from '../clock/scaled-clock.ts';
import { releaseLock, takeLock, VIOLATION_EXIT_CODE } from './exclusive-lock.ts';
import {
  isHealthPath,
  type SampleBehaviour,
  type SampleTask,
  sampleBehaviour,
  sampleBody,
  sampleTask,
  TASK_ARGUMENT,
} from './sample-behaviour.ts';

const clock = createScaledClock();
const port = Number(process.env.PORT ?? 8080);
const task = process.env.HOSTNAME ?? String(process.pid);

if (process.argv[2] === TASK_ARGUMENT) work(sampleTask(process.env));
else main(sampleBehaviour(process.env));

/** A one-off task: SIGTERM ends it as it ends any program that does not listen to it. */
function work({ firstWords, afterMs, code, lastWords }: SampleTask): void {
  log(firstWords);
  endWithParent();
  clock.setTimer(afterMs, () => end(code, lastWords));
}

function main(behaviour: SampleBehaviour): void {
  if (!holdsAlone(behaviour)) return;
  log(`version ${behaviour.version} starts`);
  endWithParent();
  endAsTold(behaviour);
  const server = createServer(answerWith(behaviour));
  // A load balancer reuses connections for its idle time-out (60 s): a server that closes them sooner causes 502s.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  server.on('error', (error) => end(1, `FATAL: ${error.message}`));
  process.on('SIGTERM', () => (behaviour.ignoresSigterm ? log('SIGTERM ignored') : stop(server)));
  clock.setTimer(behaviour.bootMs, () => {
    server.listen(port, '127.0.0.1', () => log(`version ${behaviour.version} listens on 127.0.0.1:${port}`));
  });
}

/** @returns false if another process holds the name that this one must hold alone: then this one ends. */
function holdsAlone({ exclusive: name, version }: SampleBehaviour): boolean {
  if (name === undefined) return true;
  const lock = { name, directory: process.env.EXCLUSIVE_DIR ?? tmpdir() };
  const violation = takeLock(lock, `${version} in ${task}`);
  if (violation === undefined) process.on('exit', () => releaseLock(lock));
  else end(VIOLATION_EXIT_CODE, violation);
  return violation === undefined;
}

/** Answers every path: probes at once, others after RESPONSE_MS. */
function answerWith(
  behaviour: SampleBehaviour,
): (request: IncomingMessage, response: ServerResponse) => void {
  let ordinal = 0;
  return (request, response) => {
    const path = request.url ?? '/';
    const isProbe = isHealthPath(path);
    const statusCode = behaviour.statusFor(path, isProbe ? 0 : ordinal++);
    request.resume();
    const send = (): void => {
      if (stopping) response.setHeader('connection', 'close');
      response.writeHead(statusCode, { 'content-type': 'application/json', 'x-version': behaviour.version });
      response.end(sampleBody({ version: behaviour.version, task, path, statusCode }));
    };
    if (isProbe || behaviour.responseMs === 0) send();
    else clock.setTimer(behaviour.responseMs, send);
  };
}

let stopping = false;

/** Stops as a well-behaved service does: no new connections, requests in flight finish, then exit code 0. */
function stop(server: Server): void {
  if (stopping) return;
  stopping = true;
  log('SIGTERM: finishing the requests in flight');
  if (!server.listening) end(0, 'stopped before it listened');
  server.close(() => end(0, 'stopped'));
  server.closeIdleConnections();
}

function endAsTold({ exit }: SampleBehaviour): void {
  if (exit) clock.setTimer(exit.afterMs, () => end(exit.code, exit.lastWords));
}

/** The runner holds the other end of standard input: when it dies, even by SIGKILL, the pipe closes. */
function endWithParent(): void {
  if (process.env.SIDESTEP_STDIN !== 'parent') return;
  process.stdin.on('end', () => process.exit(137)).on('error', () => process.exit(137));
  process.stdin.resume();
}

function end(code: number, line: string): void {
  process.stdout.write(`${line}\n`, () => process.exit(code));
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
