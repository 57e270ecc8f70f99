export { type ApiUnderTest, account, NOWHERE, startApiUnderTest, word } from './api-under-test.ts'
export { IndexStandIn } from './index-stand-in.ts'
