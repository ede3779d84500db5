/**
 * Sending: the domain's identity at SES with DKIM and its own MAIL FROM, the configuration set every mail goes
 * through, and the topic on which SES says what became of it. Its own tracking of opens and clicks is off:
 * links are ours. Who reads the notices: `observe`, through a queue wired in `infra/stack.ts`.
 */
import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  MailFromBehaviorOnMxFailure,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { environment } from '#adapters/shape'
import { acknowledge } from './acknowledge.ts'
import { nameLogically } from './logical.ts'
import { addressOf, type Stage } from './stage.ts'
import type { StepFunction } from './step.ts'

const noticed = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.REJECT,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.RENDERING_FAILURE,
]

/** Everything at SES that a stage sends with. */
export class Mail extends Construct {
  readonly identity: EmailIdentity
  readonly notices: Topic
  readonly #configurationSet: ConfigurationSet
  readonly #stage: Stage

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id)
    this.#stage = stage
    this.#configurationSet = new ConfigurationSet(this, 'Set', {
      tlsPolicy: ConfigurationSetTlsPolicy.OPTIONAL,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    })
    this.identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(stage.domain),
      configurationSet: this.#configurationSet,
      mailFromDomain: `bounce.${stage.domain}`,
      mailFromBehaviorOnMxFailure: MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
      feedbackForwarding: false,
    })
    this.notices = new Topic(this, 'Notices', {
      displayName: 'Homeward: what became of mails',
      enforceSSL: true,
    })
    const notify = new ConfigurationSetEventDestination(this, 'Notify', {
      configurationSet: this.#configurationSet,
      destination: EventDestination.snsTopic(this.notices),
      events: noticed,
    })
    // SES tries to publish when the destination is made, so the topic's policy must stand by then.
    notify.node.addDependency(this.notices)
    nameLogically(this.#configurationSet, 'ConfigurationSet')
    nameLogically(this.identity, 'EmailIdentity')
    nameLogically(this.notices, 'MailNotices')
    nameLogically(notify, 'MailNotify')
  }

  get configurationSetName(): string {
    return this.#configurationSet.configurationSetName
  }

  /**
   * Lets a step send as the stage's sender, through the configuration set, and read the account's quota.
   * The resource is every identity of the account because SES, in its sandbox, also asks for the right on a
   * verified recipient's identity; the condition on the sender's address is what holds the right narrow.
   */
  grantSend(step: StepFunction): void {
    const arn = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}`
    const name = this.configurationSetName
    step.handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [`${arn}:identity/*`, `${arn}:configuration-set/${name}`],
        conditions: { StringEquals: { 'ses:FromAddress': addressOf(this.#stage.sender) } },
      }),
    )
    // GetAccount knows no resources.
    step.handler.addToRolePolicy(new PolicyStatement({ actions: ['ses:GetAccount'], resources: ['*'] }))
    step.handler.addEnvironment(environment.configurationSet, name)
    acknowledge(step, {
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]':
        "In its sandbox SES also asks for the right on a recipient's identity; the sender is pinned by condition.",
      'AwsSolutions-IAM5[Resource::*]': 'ses:GetAccount knows no resources; it reads the quota only.',
    })
  }
}
