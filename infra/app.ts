/** The CDK app: `npx cdk synth`, `npx cdk deploy`, or by itself with CDK_OUTDIR. */
import { synthesize } from './synthesize.ts';

await synthesize();
