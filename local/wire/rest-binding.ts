/** Where the members of a REST operation travel: path, query string, headers, status code or body. */
import type { Member, Structure } from './shape.ts';

export interface RestBinding {
  readonly labels: readonly Member[];
  readonly query: readonly Member[];
  readonly queryParams: Member | undefined;
  readonly headers: readonly Member[];
  readonly statusCode: Member | undefined;
  /** The one member that is the whole body, raw if it is a blob. */
  readonly payload: Member | undefined;
  /** The members that make up the JSON body, if no single one is the payload. */
  readonly body: Structure;
}

const bindings = new WeakMap<Structure, RestBinding>();

/** @throws TypeError if the operation uses a binding that this layer does not know. */
export function bindingOf(member: Member): RestBinding {
  const { shape } = member;
  if (shape.kind !== 'structure')
    throw new TypeError(`${member.name} is a ${shape.kind}; REST needs a structure`);
  const known = bindings.get(shape);
  if (known) return known;
  const binding = bind(shape);
  bindings.set(shape, binding);
  return binding;
}

/** The part of `shape` that consists of `members`. */
export function partOf(shape: Structure, members: readonly Member[]): Structure {
  const names = members.map((member) => member.name);
  return { ...shape, members, required: new Set(names.filter((name) => shape.required.has(name))) };
}

function bind(shape: Structure): RestBinding {
  const { members } = shape;
  if (members.some((member) => member.traits.httpPrefixHeaders !== undefined)) {
    throw new TypeError(`${shape.name} uses httpPrefixHeaders, which the local cloud does not know`);
  }
  const bound = members.filter(({ traits }) => isBound(traits));
  return {
    labels: members.filter(({ traits }) => traits.httpLabel),
    query: members.filter(({ traits }) => traits.httpQuery !== undefined),
    queryParams: members.find(({ traits }) => traits.httpQueryParams),
    headers: members.filter(({ traits }) => traits.httpHeader !== undefined),
    statusCode: members.find(({ traits }) => traits.httpResponseCode),
    payload: members.find(({ traits }) => traits.httpPayload),
    body: partOf(
      shape,
      members.filter((member) => !bound.includes(member)),
    ),
  };
}

const isBound = (traits: Member['traits']): boolean =>
  Boolean(traits.httpLabel || traits.httpQueryParams || traits.httpResponseCode || traits.httpPayload) ||
  traits.httpQuery !== undefined ||
  traits.httpHeader !== undefined;
