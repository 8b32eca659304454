/** Forms as the awsQuery protocol sends them: `Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=90`. */
import type { Reader } from './decode.ts';
import type { Member } from './shape.ts';
import { readText } from './text-leaf.ts';

/** A form as a tree: dots in its names are levels. */
interface FormNode {
  text: string | undefined;
  readonly children: Map<string, FormNode>;
}

/** What a form carries beside the operation's input. */
const ENVELOPE = new Set([
  'Action',
  'Version',
  'AWSAccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
]);

/** Builds the tree of an operation's input from the fields of a form (or a query string). */
export function formTree(fields: URLSearchParams): FormNode {
  const root = newNode();
  for (const [name, text] of fields) {
    if (!ENVELOPE.has(name) && !name.startsWith('X-Amz-')) place(root, name, text);
  }
  return root;
}

export const formReader: Reader = {
  nameOf: xmlNameOf,
  fields: (wire) => {
    const node = wire as FormNode;
    if (node.text !== undefined) return undefined;
    return { names: [...node.children.keys()], get: (name) => node.children.get(name) };
  },
  items: (wire, member) => {
    if (member.shape.kind !== 'list') return undefined;
    return numbered(
      wire as FormNode,
      isFlat(member) ? undefined : elementName(member.shape.element, 'member'),
    );
  },
  entries: (wire, member) => {
    if (member.shape.kind !== 'map') return undefined;
    const { key, value } = member.shape;
    const nodes = numbered(wire as FormNode, isFlat(member) ? undefined : 'entry');
    return nodes?.map((node) => [
      node.children.get(elementName(key, 'key'))?.text ?? '',
      node.children.get(elementName(value, 'value')),
    ]);
  },
  leaf: (wire, leaf) => {
    const { text } = (wire ?? {}) as Partial<FormNode>;
    return text === undefined ? undefined : readText(text, leaf, 'date-time');
  },
  shown: (wire) => (wire as FormNode).text ?? wire,
};

/** A structure's member in forms and XML. */
export function xmlNameOf(member: Member): string {
  return member.traits.xmlName ?? member.name;
}

/** An element of a list or map in forms and XML. */
export function elementName(element: Member, otherwise: string): string {
  return element.traits.xmlName ?? otherwise;
}

export const isFlat = (member: Member): boolean => member.traits.xmlFlattened === 1;

const newNode = (): FormNode => ({ text: undefined, children: new Map() });

function place(root: FormNode, name: string, text: string): void {
  let node = root;
  for (const level of name.split('.')) {
    const child = node.children.get(level) ?? newNode();
    node.children.set(level, child);
    node = child;
  }
  node.text = text;
}

/** The children `1`, `2` … of `node`, or of its child `under`, in order. An empty text is an empty list. */
function numbered(node: FormNode, under: string | undefined): FormNode[] | undefined {
  if (node.text !== undefined) return node.text === '' ? [] : undefined;
  if (under !== undefined && [...node.children.keys()].some((name) => name !== under)) return undefined;
  const children = under === undefined ? node.children : (node.children.get(under)?.children ?? new Map());
  const positions = [...children.keys()].map(Number);
  if (positions.some((position) => !Number.isInteger(position) || position < 1)) return undefined;
  return positions.sort((a, b) => a - b).map((position) => children.get(String(position)) as FormNode);
}
