/**
 * Records of the tables' streams as the nouns they are images of. A record that cannot be read is a failure
 * that says which row it is; whether it is parked or given back is the function's answer.
 */
import type { Event } from '#core/event'
import type { Message } from '#core/message'
import { type AttributeValue, plainItem } from './attribute.ts'
import { eventOfRow } from './dynamo-events.ts'
import { messageOfRow } from './dynamo-message-row.ts'

type Image = Record<string, AttributeValue>

/** The event of a NewImage of the table Events. Throws `row-too-new` or `row-unreadable`. */
export const eventOfImage = (image: Image): Event => eventOfRow(plainItem(image))

/** The message of a NewImage of the table Messages. Throws `row-too-new` or `row-unreadable`. */
export const messageOfImage = (image: Image): Message => messageOfRow(plainItem(image))
