/**
 * The names of events that mean something: those of the Segment e-commerce specification, ours beside them,
 * and those Homeward puts on a log itself. Other names are kept and may start a journey; this list is for
 * saying "did you mean".
 */
import { own } from './event.ts'

export const eventNames: readonly string[] = [
  'Products Searched',
  'Product List Viewed',
  'Product List Filtered',
  'Promotion Viewed',
  'Promotion Clicked',
  'Product Clicked',
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Cart Viewed',
  'Cart Updated',
  'Cart Shared',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Payment Info Entered',
  'Order Completed',
  'Order Updated',
  'Order Refunded',
  'Order Cancelled',
  'Coupon Entered',
  'Coupon Applied',
  'Coupon Denied',
  'Coupon Removed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Wishlist Product Added to Cart',
  'Product Shared',
  'Product Reviewed',
  'Consent Given',
  'Consent Withdrawn',
  'Page Viewed',
  'Screen Viewed',
  'Identified',
  ...Object.values(own),
]
