/**
 * Gives resources short, lasting logical ids. CloudFormation replaces a resource whose logical id changes, and
 * the default id is its path in the construct tree: without this a tidied tree would throw away a table.
 */
import { CfnResource } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Names the CloudFormation resource behind a construct. Throws when the construct has none. */
export function nameLogically(construct: IConstruct, id: string): void {
  const resource = construct.node.defaultChild
  if (!CfnResource.isCfnResource(resource)) {
    throw new Error(
      `${construct.node.path} holds no resource that could be named ${id}; name the one inside it`,
    )
  }
  resource.overrideLogicalId(id)
}
