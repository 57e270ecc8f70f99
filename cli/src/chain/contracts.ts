export { contractOf, send } from '@openledger/sdk'
