/**
 * The way in from outside: one HTTP API whose routes go to `ingest` (the shop's events) and `track` (the links
 * in mails). Without an authorizer: events carry a write key and links a signature, which the functions check.
 * Links may live on a domain of their own that outlives the stack.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  ApiMapping,
  CorsHttpMethod,
  DomainName,
  HttpApi,
  type HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { browserHeaders } from '#adapters/shape'
import { acknowledge } from './acknowledge.ts'
import { nameLogically } from './logical.ts'
import type { Stage } from './stage.ts'
import type { StepFunction } from './step.ts'

/** The HTTP API of a stage. */
export class Api extends Construct {
  readonly api: HttpApi
  /** Where links in mails point, without a trailing slash. */
  readonly linkBaseUrl: string
  /** What the link domain's DNS record (CNAME) must point to, when there is a link domain. */
  readonly linkTarget: string | undefined

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id)
    this.api = new HttpApi(this, 'Http', {
      apiName: `homeward-${stage.name}`,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: stage.shopOrigins,
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
        allowHeaders: browserHeaders.sent,
        exposeHeaders: browserHeaders.read,
        maxAge: Duration.hours(1),
      },
    })
    nameLogically(this.api, 'Api')
    const defaultStage = this.#addStage(stage)
    const linkDomain = this.#addLinkDomain(stage, defaultStage)
    this.linkTarget = linkDomain?.regionalDomainName
    this.linkBaseUrl = stage.linkDomain ? `https://${stage.linkDomain.name}` : this.api.apiEndpoint
  }

  /**
   * Sends requests whose path fits one of the patterns to the step. A route that takes OPTIONS, as ANY does, has the
   * function answer preflights, where else the gateway does.
   */
  route(step: StepFunction, methods: HttpMethod[], ...paths: string[]): void {
    const integration = new HttpLambdaIntegration(`${step.node.id}Integration`, step.handler)
    for (const path of paths) {
      for (const route of this.api.addRoutes({ path, methods, integration })) {
        acknowledge(route, {
          'AwsSolutions-APIG4':
            'Events carry a write key and links a signature; the function behind the route checks them.',
        })
      }
    }
  }

  #addStage(stage: Stage): HttpStage {
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/homeward/${stage.name}/access`,
      retention: stage.name === 'prod' ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    nameLogically(logs, 'AccessLogs')
    return new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 1000, burstLimit: 2000 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logs),
        // Neither path nor address of the caller: a path holds a customer's token.
        format: AccessLogFormat.custom(
          JSON.stringify({
            at: '$context.requestTime',
            requestId: '$context.requestId',
            route: '$context.routeKey',
            status: '$context.status',
            latencyMs: '$context.responseLatency',
            integrationError: '$context.integrationErrorMessage',
          }),
        ),
      },
    })
  }

  #addLinkDomain(stage: Stage, defaultStage: HttpStage): DomainName | undefined {
    if (!stage.linkDomain) return undefined
    const domainName = new DomainName(this, 'LinkDomain', {
      domainName: stage.linkDomain.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', stage.linkDomain.certificateArn),
    })
    new ApiMapping(this, 'LinkMapping', { api: this.api, domainName, stage: defaultStage })
    nameLogically(domainName, 'LinkDomain')
    return domainName
  }
}
