/** The syntax trees of DynamoDB's expressions, placeholders already replaced. */
import type { AttributeValue, Type } from '../attribute-value.ts';

/** Attribute name first, then names of maps and indices of lists. */
export type DocumentPath = readonly (string | number)[];

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Operand =
  | { kind: 'path'; path: DocumentPath }
  | { kind: 'value'; value: AttributeValue }
  | { kind: 'size'; path: DocumentPath };

export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; condition: Condition }
  | { kind: 'compare'; comparator: Comparator; left: Operand; right: Operand }
  | { kind: 'between'; operand: Operand; low: Operand; high: Operand }
  | { kind: 'in'; operand: Operand; candidates: Operand[] }
  | { kind: 'attribute_exists' | 'attribute_not_exists'; path: DocumentPath }
  | { kind: 'attribute_type'; path: DocumentPath; type: Type }
  | { kind: 'begins_with' | 'contains'; operand: Operand; argument: Operand };

export type UpdateOperand =
  | { kind: 'path'; path: DocumentPath }
  | { kind: 'value'; value: AttributeValue }
  | { kind: 'if_not_exists'; path: DocumentPath; fallback: UpdateOperand }
  | { kind: 'list_append'; left: UpdateOperand; right: UpdateOperand };

export type SetValue = UpdateOperand | { kind: '+' | '-'; left: UpdateOperand; right: UpdateOperand };

export interface Update {
  set: { path: DocumentPath; value: SetValue }[];
  remove: DocumentPath[];
  add: { path: DocumentPath; value: AttributeValue }[];
  delete: { path: DocumentPath; value: AttributeValue }[];
}

/** `[a, [0], b]`, as DynamoDB's messages spell a path. */
export function spelled(path: DocumentPath): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}
