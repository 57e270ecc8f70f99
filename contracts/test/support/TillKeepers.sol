// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInferenceEscrow} from "../../payments/IInferenceEscrow.sol";
import {ITill} from "../../payments/ITill.sol";
import {ITills} from "../../payments/ITills.sol";
import {Draft, Payers} from "./Payers.sol";

/// A node with a key, its till for the adapter, and vouchers that the till accepts.
abstract contract TillKeepers is Payers {
    uint256 internal constant KEEPER_KEY = 0x40DE;

    ITills internal tills;
    address internal keeper; // the node whose till it is
    address internal till;

    function setUp() public virtual override {
        super.setUp();
        tills = ITills(deployed("Tills", abi.encode(escrow, token)));
        keeper = vm.addr(KEEPER_KEY);
        till = tills.tillOf(keeper, adapter);
    }

    function tillVoucher(uint128 limitWei) internal view returns (IInferenceEscrow.Voucher memory) {
        return IInferenceEscrow.Voucher(till, keeper, adapter, limitWei, uint64(block.timestamp + 1 hours));
    }

    /// What a till reads: the rest of the voucher beside the signature.
    function envelope(
        IInferenceEscrow.Voucher memory signed,
        bytes memory signature
    ) internal pure returns (bytes memory) {
        return abi.encode(signed.cumulativeWei, signed.expiresAt, signature);
    }

    function accepts(address till_, IInferenceEscrow.Voucher memory signed, uint256 key) internal view returns (bool) {
        return answers(till_, escrow.hashVoucher(signed), envelope(signed, sign(key, signed)));
    }

    function answers(address till_, bytes32 digest, bytes memory signature) internal view returns (bool) {
        bytes4 answer = ITill(till_).isValidSignature(digest, signature);
        require(answer == bytes4(0x1626ba7e) || answer == bytes4(0xffffffff), "neither yes nor no");
        return answer == bytes4(0x1626ba7e);
    }

    function tillSettlement(
        IInferenceEscrow.Voucher memory signed,
        uint128 spentWei,
        uint256 key
    ) internal view returns (Draft[] memory list) {
        list = new Draft[](1);
        list[0] = Draft(signed, envelope(signed, sign(key, signed)), spentWei);
    }

    function keeperReceipts(uint128 totalWei) internal view returns (IInferenceEscrow.ReceiptBatch memory) {
        return IInferenceEscrow.ReceiptBatch("root", "digest", 1, escrow.nextSequence(keeper), "last", totalWei);
    }

    function settleAtTill(Draft[] memory list, uint128 totalWei) internal {
        IInferenceEscrow.ReceiptBatch memory batch = keeperReceipts(totalWei);
        vm.prank(keeper);
        escrow.settle(grouped(list), batch);
    }

    function settleAtTill(uint128 spentWei, uint128 totalWei) internal {
        settleAtTill(tillSettlement(tillVoucher(spentWei), spentWei, KEEPER_KEY), totalWei);
    }

    function balanceOf(address account) internal view returns (uint256 balanceWei) {
        (balanceWei, ) = escrow.accountOf(account);
    }
}
