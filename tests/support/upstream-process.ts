// The chaos upstream in a process of its own, so that its work is not measured as ours. Prints its address.
import { startChaosUpstream } from './chaos-upstream.ts';

const upstream = await startChaosUpstream();
console.log(upstream.baseUrl);
