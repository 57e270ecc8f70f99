export { decodeVoucher, encodeVoucher, VOUCHER_HEADER } from '@openledger/protocol'
