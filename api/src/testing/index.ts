export { type ApiUnderTest, account, NOWHERE, startApiUnderTest, TEST_DEPLOYMENT, word } from './api-under-test.ts'
export { IndexStandIn } from './index-stand-in.ts'
