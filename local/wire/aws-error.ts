/** The one error class that simulators throw on purpose: it travels over the wire as AWS's would. */

/**
 * A modelled AWS error.
 * `code` is the shape's name (`ServiceNotFoundException`); the codec translates it to the wire code where the
 * protocol differs (`TargetGroupNotFoundException` → `TargetGroupNotFound`). `fields` are further members of
 * the error shape (`CancellationReasons`).
 */
export class AwsError extends Error {
  readonly code: string;
  /** HTTP status; the codec takes the shape's own (or 400) if absent. */
  readonly statusCode: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { statusCode?: number; fields?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.statusCode = options.statusCode;
    this.fields = options.fields ?? {};
  }
}
