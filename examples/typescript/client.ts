// A company's first minutes with Kiban, in TypeScript.
//
//     npm start [-- ADDRESS]      the address of `kiban serve`, by default 127.0.0.1:50051
//
// It registers (the platform enters the first organisations), reads what is on offer, is refused once and reads why,
// and follows what happens to it. Run it as often as you like: the same command ids give the same answers.

import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { BadRequestSchema, ErrorInfoSchema } from "./generated/google/rpc/error_details_pb.js";
import { ContractKind } from "./generated/kiban/contract/v1/contract_pb.js";
import { ContractService } from "./generated/kiban/contract/v1/contract_service_pb.js";
import { DirectoryService } from "./generated/kiban/directory/v1/directory_service_pb.js";
import { Capacity } from "./generated/kiban/membership/v1/membership_pb.js";
import { MembershipService } from "./generated/kiban/membership/v1/membership_service_pb.js";

const address = process.argv[2] ?? "127.0.0.1:50051";

/** The platform itself, who registers the first organisations. */
const PLATFORM = "org_" + "0".repeat(26);
/** People are random numbers to Kiban, and nothing else: no name ever reaches it. */
const PERSON = "per_" + "0".repeat(25) + "1";

/** Says who calls, in the header and never in a message. */
function as(organisation: string, roles: string) {
  const caller = `organisation=${organisation}; person=${PERSON}; roles=${roles}`;
  const sayWho: Interceptor = (next) => (request) => {
    request.header.set("kiban-caller", caller);
    return next(request);
  };
  return createGrpcTransport({ baseUrl: `http://${address}`, interceptors: [sayWho] });
}

/** Registers an organisation, or finds that it is registered: the same command id gives the same answer. */
async function register(name: string, registrationNumber: string, capacity: Capacity): Promise<string> {
  const members = createClient(MembershipService, as(PLATFORM, "administrator"));
  const { organisationId, receipt } = await members.registerOrganisation({
    commandId: `typescript-${registrationNumber}`,
    name,
    country: "JP",
    registrationNumber,
    capacities: [{ capacity, from: "2020-04-01" }],
  });
  console.log(`${name} is ${organisationId}${receipt?.replayed ? ", as it was" : ""}`);
  return organisationId;
}

/** What a refusal says: its reason is for programs, the fields are for whoever mends the request. */
function show(error: unknown): void {
  const refusal = ConnectError.from(error);
  console.log(`refused with ${Code[refusal.code]}: ${refusal.rawMessage}`);
  for (const info of refusal.findDetails(ErrorInfoSchema)) {
    console.log(`  reason ${info.domain}/${info.reason}`);
  }
  for (const { fieldViolations } of refusal.findDetails(BadRequestSchema)) {
    for (const { field, description } of fieldViolations) console.log(`  field ${field}: ${description}`);
  }
}

const promoter = await register("活用促進機構", "7999921212121", Capacity.PROMOTER);
const company = await register("みなと製薬", "3999922222222", Capacity.MEMBER);
const mine = as(company, "contracts,researcher");

// What may be used: every registered organisation may browse, page by page.
const directory = createClient(DirectoryService, mine);
let pageToken = "";
do {
  const page = await directory.listDatasets({ pageSize: 100, pageToken });
  for (const dataset of page.datasets) console.log(`dataset ${dataset.code}: ${dataset.name}`);
  pageToken = page.nextPageToken;
} while (pageToken !== "");

// A purpose that Kiban never serves, whoever agrees (table 6-2 of the report).
const contracts = createClient(ContractService, mine);
const application = { kind: ContractKind.MEMBER, issuerId: promoter };
try {
  await contracts.applyForContract({ ...application, commandId: "typescript-never", purposes: ["insurance-underwriting"] });
  throw new Error("this should have been refused");
} catch (error) {
  show(error);
}

const applied = await contracts.applyForContract({
  ...application,
  commandId: "typescript-apply",
  purposes: ["drug-discovery"],
});
console.log(`applied: ${applied.contractId}`);

// What happened to the company, from the beginning up to now; a real client would stay and listen.
const stop = new AbortController();
try {
  for await (const { message } of directory.watch({}, { signal: stop.signal })) {
    if (message.case === "notice") console.log(`${message.value.eventType} of ${message.value.subject}`);
    if (message.case === "examinedPosition") stop.abort();
  }
} catch (error) {
  if (ConnectError.from(error).code !== Code.Canceled) throw error;
}
