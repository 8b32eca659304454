/** XML as the awsQuery protocol answers it: lists of `<member>`, maps of `<entry><key/><value/></entry>`. */
import type { Writer } from './encode.ts';
import { elementName, isFlat, xmlNameOf } from './form-format.ts';
import { writeText } from './text-leaf.ts';

/** A piece of XML that takes its element's name from where it is put. */
export type XmlPiece = (tag: string) => string;

export const element = (tag: string, content: string): string => `<${tag}>${content}</${tag}>`;

// Characters that XML 1.0 cannot hold at all are replaced, so that one log line cannot spoil a whole answer.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? '');
}

export const xmlWriter: Writer<XmlPiece> = {
  leaf: (value, leaf) => (tag) => element(tag, escapeXml(writeText(value, leaf, 'date-time'))),
  list: (items, member) => (tag) => {
    if (isFlat(member)) return items.map((item) => item(tag)).join('');
    const name = member.shape.kind === 'list' ? elementName(member.shape.element, 'member') : 'member';
    return element(tag, items.map((item) => item(name)).join(''));
  },
  map: (entries, member) => (tag) => {
    const { shape } = member;
    const key = shape.kind === 'map' ? elementName(shape.key, 'key') : 'key';
    const value = shape.kind === 'map' ? elementName(shape.value, 'value') : 'value';
    const pairs = entries.map(([name, item]) => element(key, escapeXml(name)) + item(value));
    if (isFlat(member)) return pairs.map((pair) => element(tag, pair)).join('');
    return element(tag, pairs.map((pair) => element('entry', pair)).join(''));
  },
  structure: (fields) => (tag) =>
    element(tag, fields.map(([member, piece]) => piece(xmlNameOf(member))).join('')),
};
