// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IInferenceEscrow} from "../../payments/IInferenceEscrow.sol";
import {Economy} from "./Economy.sol";

/// A payer with code, which accepts what one key signed.
contract Wallet is IERC1271 {
    address internal immutable KEY;

    constructor(address key) {
        KEY = key;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(signature[:32]), bytes32(signature[32:64]), uint8(signature[64]));
        return ecrecover(digest, v, r, s) == KEY ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// A voucher with its signature, as tests pass it on and change it.
struct Draft {
    IInferenceEscrow.Voucher voucher;
    bytes signature;
    uint128 spentWei;
}

/// Everything that settling a batch takes: a payer with a deposit, a base, an adapter, a node.
abstract contract Payers is Economy {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant SESSION_KEY = 0x5E55;
    address internal constant NODE = address(0x40DE);
    address internal constant BASE_OWNER = address(0xBA5E);
    address internal constant ADAPTER_OWNER = address(0xADA);
    uint128 internal constant DEPOSIT_WEI = 1e21;

    address internal payer;
    bytes32 internal base;
    bytes32 internal adapter;

    function setUp() public virtual override {
        super.setUp();
        payer = vm.addr(PAYER_KEY);
        base = newBase(BASE_OWNER);
        adapter = newAdapter(ADAPTER_OWNER, base);
        escrow.deposit(payer, DEPOSIT_WEI);
    }

    function voucher(bytes32 modelId, uint128 limitWei) internal view returns (IInferenceEscrow.Voucher memory) {
        return IInferenceEscrow.Voucher(payer, NODE, modelId, limitWei, uint64(block.timestamp + 1 hours));
    }

    function sign(uint256 key, IInferenceEscrow.Voucher memory signed) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, escrow.hashVoucher(signed));
        return abi.encodePacked(r, s, v);
    }

    /// One settlement of all that its voucher allows, signed by the payer.
    function paid(bytes32 modelId, uint128 spentWei) internal view returns (Draft[] memory list) {
        return paid(voucher(modelId, spentWei), spentWei, PAYER_KEY);
    }

    function paid(
        IInferenceEscrow.Voucher memory signed,
        uint128 spentWei,
        uint256 key
    ) internal view returns (Draft[] memory list) {
        list = new Draft[](1);
        list[0] = Draft(signed, sign(key, signed), spentWei);
    }

    /// Neighbours of the same model in one group, in their order.
    function grouped(Draft[] memory list) internal pure returns (IInferenceEscrow.ModelSettlements[] memory models) {
        uint256 count;
        for (uint256 i; i < list.length; ++i) {
            if (i == 0 || list[i].voucher.modelId != list[i - 1].voucher.modelId) ++count;
        }
        models = new IInferenceEscrow.ModelSettlements[](count);
        uint256 end;
        for (uint256 group; group < count; ++group) {
            uint256 start = end;
            bytes32 modelId = list[start].voucher.modelId;
            while (end < list.length && list[end].voucher.modelId == modelId) ++end;
            models[group].modelId = modelId;
            models[group].settlements = new IInferenceEscrow.Settlement[](end - start);
            for (uint256 i = start; i < end; ++i) {
                IInferenceEscrow.Voucher memory signed = list[i].voucher;
                models[group].settlements[i - start] = IInferenceEscrow.Settlement(
                    signed.payer,
                    signed.cumulativeWei,
                    signed.expiresAt,
                    list[i].spentWei,
                    list[i].signature
                );
            }
        }
    }

    /// One receipt that continues NODE's.
    function receipts(uint128 totalWei) internal view returns (IInferenceEscrow.ReceiptBatch memory) {
        return IInferenceEscrow.ReceiptBatch("root", "digest", 1, escrow.nextSequence(NODE), "last", totalWei);
    }

    function settle(Draft[] memory list, uint128 totalWei) internal returns (uint64) {
        IInferenceEscrow.ReceiptBatch memory batch = receipts(totalWei);
        vm.prank(NODE);
        return escrow.settle(grouped(list), batch);
    }

    function refused(Draft[] memory list, uint128 totalWei, bytes memory reason) internal {
        IInferenceEscrow.ReceiptBatch memory batch = receipts(totalWei);
        vm.prank(NODE);
        vm.expectRevert(reason);
        escrow.settle(grouped(list), batch);
    }

    /// All that the escrow owes, which must be all that it has.
    function owedWei() internal view returns (uint256) {
        (uint256 balanceWei, ) = escrow.accountOf(payer);
        return
            balanceWei +
            escrow.earned(TREASURY) +
            escrow.earned(NODE) +
            escrow.earned(BASE_OWNER) +
            escrow.earned(ADAPTER_OWNER) +
            escrow.stakersWei(base) +
            escrow.stakersWei(adapter) +
            escrow.contributorsPoolWei();
    }
}
