/** The SDK's schema format is undocumented: every schema of every service must still be one that we can read. */
import { describe, expect, it } from 'vitest';
import { bindingOf } from '../../local/wire/rest-binding.ts';
import { findRestRoute } from '../../local/wire/rest-route.ts';
import { readServiceModel, type ServiceModel } from '../../local/wire/service-model.ts';
import { SERVICES, type ServiceDescription } from '../../local/wire/services.ts';
import { isStructure, type Member, type Shape } from '../../local/wire/shape.ts';

/** All shapes that can be reached from `member`. */
function reach(member: Member, seen: Set<Shape>): Set<Shape> {
  const { shape } = member;
  if (seen.has(shape)) return seen;
  seen.add(shape);
  const inner = isStructure(shape)
    ? shape.members
    : shape.kind === 'list'
      ? [shape.element]
      : shape.kind === 'map'
        ? [shape.key, shape.value]
        : [];
  for (const next of inner) reach(next, seen);
  return seen;
}

const services: [string, ServiceDescription][] = Object.entries(SERVICES);

async function modelOf({ load }: ServiceDescription): Promise<ServiceModel> {
  return readServiceModel({ ...(await load()) });
}

describe.each(services)('%s', (scope, service) => {
  it('every shape of every operation and error can be read', async () => {
    const { operations, errors } = await modelOf(service);

    expect(operations.size).toBeGreaterThan(5);
    expect(errors.size).toBeGreaterThan(5);
    for (const { input, output } of operations.values()) {
      for (const shape of [...reach(input, new Set()), ...reach(output, new Set())])
        expect(shape.kind).toBeTruthy();
      expect([input.shape.kind, output.shape.kind]).toEqual(['structure', 'structure']);
    }
  });

  it('its names on the wire are those of the client', async () => {
    const namespace: Record<string, unknown> = { ...(await service.load()) };
    const [, Client] = Object.entries(namespace).find(([name]) => /^[A-Z]\w+Client$/.test(name)) ?? [];
    const { config } = new (Client as new (configuration: object) => { config: Record<string, object> })({
      region: 'us-east-1',
    });
    const settings = config.protocolSettings as Record<string, string>;

    if (service.target) expect(service.target).toBe(settings.serviceTarget);
    if (service.xmlNamespace && settings.xmlNamespace)
      expect(service.xmlNamespace).toBe(settings.xmlNamespace);
    const protocol = (config.protocol as { getShapeId(): string }).getShapeId();
    const spoken = {
      'aws.protocols#awsJson1_0': 'json',
      'aws.protocols#awsJson1_1': 'json',
      'aws.protocols#awsQuery': 'query',
      'aws.protocols#restJson1': 'rest',
    };
    expect(service.protocols).toContain(spoken[protocol as keyof typeof spoken]);
    if (service.jsonVersion) expect(protocol.replace('_', '.')).toContain(service.jsonVersion);
    expect(scope).toBe((config as { defaultSigningName?: string }).defaultSigningName ?? scope);
  });
});

it.each(['lambda', 'scheduler'] as const)(
  '%s: REST operations are bound, and found by their own paths',
  async (scope) => {
    const { operations } = await modelOf(SERVICES[scope]);

    for (const operation of operations.values()) {
      bindingOf(operation.input);
      bindingOf(operation.output);
      const [method, pattern] = operation.traits.http ?? ['', '', 0];
      const [path = '', query = ''] = pattern.replace(/\{\w+\+?\}/g, 'a%20label').split('?');
      expect(findRestRoute(operations.values(), method, path, query)?.operation.name).toBe(operation.name);
    }
  },
);
