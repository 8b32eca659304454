/** Says whether an item meets a condition. */
import { type AttributeValue, compareValues, type Item, isEqual, typeOf } from '../attribute-value.ts';
import { valueAt } from './document-path.ts';
import type { Comparator, Condition, Operand } from './syntax.ts';

/** `item` is `{}` where there is none: every attribute is absent then. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.condition, item);
    case 'compare':
      return compares(
        condition.comparator,
        operandValue(condition.left, item),
        operandValue(condition.right, item),
      );
    case 'between':
      return isBetween(
        operandValue(condition.operand, item),
        operandValue(condition.low, item),
        operandValue(condition.high, item),
      );
    case 'in':
      return condition.candidates.some((candidate) =>
        compares('=', operandValue(condition.operand, item), operandValue(candidate, item)),
      );
    case 'attribute_exists':
      return valueAt(item, condition.path) !== undefined;
    case 'attribute_not_exists':
      return valueAt(item, condition.path) === undefined;
    case 'attribute_type':
      return valueAt(item, condition.path)?.[condition.type] !== undefined;
    case 'begins_with':
      return beginsWith(operandValue(condition.operand, item), operandValue(condition.argument, item));
    case 'contains':
      return contains(operandValue(condition.operand, item), operandValue(condition.argument, item));
  }
}

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  const value = valueAt(item, operand.path);
  if (operand.kind === 'path' || value === undefined) return value;
  const size = sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: AttributeValue): number | undefined {
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.S ?? value.B ?? value.L ?? value.SS ?? value.NS ?? value.BS)?.length;
}

/** An absent operand makes every comparison false, except `<>`: what is not there is not equal. */
function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  const equal = left !== undefined && right !== undefined && isEqual(left, right);
  if (comparator === '=') return equal;
  if (comparator === '<>') return !equal;
  const order = left && right ? compareValues(left, right) : undefined;
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

function isBetween(
  value: AttributeValue | undefined,
  low: AttributeValue | undefined,
  high: AttributeValue | undefined,
): boolean {
  return compares('>=', value, low) && compares('<=', value, high);
}

function beginsWith(value: AttributeValue | undefined, start: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && start?.S !== undefined) return value.S.startsWith(start.S);
  if (value?.B !== undefined && start?.B !== undefined) {
    return Buffer.compare(value.B.subarray(0, start.B.length), start.B) === 0;
  }
  return false;
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.B !== undefined)
    return part.B !== undefined && Buffer.from(value.B).includes(Buffer.from(part.B));
  return elementsOf(value).some((element) => isEqual(element, part));
}

function elementsOf(value: AttributeValue): AttributeValue[] {
  switch (typeOf(value)) {
    case 'L':
      return value.L ?? [];
    case 'SS':
      return (value.SS ?? []).map((S) => ({ S }));
    case 'NS':
      return (value.NS ?? []).map((N) => ({ N }));
    case 'BS':
      return (value.BS ?? []).map((B) => ({ B }));
    default:
      return [];
  }
}
