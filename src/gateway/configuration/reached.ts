import type { CertificatePlan, GatewayPlan, ListenerPlan, SecretValues, ServicePlan } from "../../model/plan/index.ts";
import { ClientIdentity, type BackendTls } from "../upstream/secure.ts";
import type { ServiceUpstream } from "../upstream/service.ts";
import { valueOf } from "./secret-values.ts";
import type { ReachedService, Services } from "./services.ts";

type Certificate = NonNullable<ListenerPlan["backendCertificate"]>;

interface Reached {
  upstream: ServiceUpstream;
  tls: BackendTls | undefined;
}

/**
 * The services of one configuration as requests reach them: with the certificate of the Gateway that they came by, and by
 * HTTP/2 where they are gRPC's. Those of two Gateways share no connection, and a changed Secret is another certificate: what
 * is under way ends on the old one.
 */
export class ReachedServices {
  readonly #services: Services;
  readonly #plans: ReadonlyMap<string, ServicePlan>;
  readonly #secrets: SecretValues;
  readonly #found = new Map<string, Reached>();
  readonly #taken: ReachedService[] = [];

  constructor(services: Services, { services: plans, components }: GatewayPlan, secrets: SecretValues) {
    this.#services = services;
    this.#secrets = secrets;
    this.#plans = new Map(plans.map((plan) => [plan.id, plan]));
    // Components send by no Gateway.
    for (const { capabilities } of components) for (const { service } of capabilities.services) this.find(service);
  }

  /** What was taken, to be activated and released. */
  get taken(): readonly ReachedService[] {
    return this.#taken;
  }

  /** A service by `ServicePlan.id`. A reason: nothing may be sent there. */
  find(id: string, protocol?: "h2c", certificate?: Certificate): ServiceUpstream | { reason: string } | undefined {
    const found = this.reach(id, certificate, protocol);
    return found === undefined || "reason" in found ? found : found.upstream;
  }

  /** The same, with what its connections are secured by. */
  reach(id: string, certificate?: Certificate, protocol?: "h2c"): Reached | { reason: string } | undefined {
    const plan = this.#plans.get(id);
    if (plan === undefined) return undefined;
    const shown = plan.tls === undefined ? undefined : certificate;
    if (shown !== undefined && "reason" in shown) return shown;
    const over = protocol ?? plan.protocol;
    const key = `${id} ${over} ${shown === undefined ? "" : JSON.stringify(shown)}`;
    return this.#found.getOrInsertComputed(key, () => {
      const reached = this.#reach({ ...plan, protocol: over }, over === plan.protocol, shown);
      this.#taken.push(reached);
      return { upstream: this.#services.take(reached), tls: reached.tls };
    });
  }

  release(): void {
    this.#services.release(this.#taken);
  }

  #reach(plan: ServicePlan, own: boolean, shown: CertificatePlan | undefined): ReachedService {
    if (plan.tls === undefined || shown === undefined) return { ...plan, own };
    const { certificate, key } = shown;
    const identity = new ClientIdentity(shown, valueOf(certificate, this.#secrets), valueOf(key, this.#secrets));
    return { ...plan, tls: { ...plan.tls, identity }, own: false };
  }
}
