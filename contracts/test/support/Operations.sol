// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEntryPoint} from "@account-abstraction/contracts/interfaces/IEntryPoint.sol";
import {PackedUserOperation} from "@account-abstraction/contracts/interfaces/PackedUserOperation.sol";
import {IBoundedPrice} from "../../gas/IBoundedPrice.sol";
import {IOpenPaymaster} from "../../gas/IOpenPaymaster.sol";
import {Economy} from "./Economy.sol";

/// More of what the test runner's EVM offers.
interface VmChain {
    function deal(address account, uint256 balanceWei) external;
    function etch(address account, bytes calldata code) external;
    function fee(uint256 baseFeeWei) external;
    function mockCall(address callee, bytes calldata data, bytes calldata answer) external;
    function clearMockedCalls() external;
    function txGasPrice(uint256 priceWei) external;
}

/// What the paymaster inherits from the package and its interface does not repeat.
interface IBasePaymaster is IOpenPaymaster {
    error OwnableUnauthorizedAccount(address account);

    function validatePaymasterUserOp(
        PackedUserOperation calldata userOp,
        bytes32 userOpHash,
        uint256 maxCost
    ) external returns (bytes memory context, uint256 validationData);

    function postOp(uint8 mode, bytes calldata context, uint256 actualGasCost, uint256 actualUserOpFeePerGas) external;

    function deposit() external payable;
    function withdrawTo(address payable to, uint256 amountWei) external;
    function addStake(uint32 unstakeDelaySec) external payable;
    function unlockStake() external;
    function withdrawStake(address payable to) external;
    function getDeposit() external view returns (uint256);
    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function transferOwnership(address newOwner) external;
    function entryPoint() external view returns (address);
    function TOKEN() external view returns (address);
    function TREASURY() external view returns (address);
}

/// An account as EIP-7702 makes one: code that stands at the address of its key.
contract KeyedAccount {
    address internal immutable ENTRY_POINT;

    constructor(address entryPoint) {
        ENTRY_POINT = entryPoint;
    }

    function validateUserOp(
        PackedUserOperation calldata userOp,
        bytes32 userOpHash,
        uint256
    ) external view returns (uint256) {
        (bytes32 r, bytes32 s) = (bytes32(userOp.signature[:32]), bytes32(userOp.signature[32:64]));
        return ecrecover(userOpHash, uint8(userOp.signature[64]), r, s) == address(this) ? 0 : 1;
    }

    /// Reverts with as much as the EntryPoint logs.
    function refuseLoudly() external pure {
        assembly {
            revert(0x80, 2048)
        }
    }

    function execute(address callee, bytes calldata data) external {
        require(msg.sender == ENTRY_POINT, "not the EntryPoint");
        (bool success, bytes memory answer) = callee.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// The paymaster at the real EntryPoint, with accounts that send operations.
abstract contract Operations is Economy {
    struct Gas {
        uint128 verification;
        uint128 call;
        uint128 paymasterVerification;
        uint128 postOp;
        uint256 preVerification;
    }

    VmChain internal constant chain = VmChain(address(vm));
    address internal constant KEEPER = address(0x4e);
    address payable internal constant BUNDLER = payable(address(0xb0));
    uint256 internal constant SENDER_KEY = 0x5e4d;
    uint256 internal constant OTHER_KEY = 0x07e4;
    uint256 internal constant FUNDS_WEI = 1e24;
    uint256 internal constant NATIVE_WEI = 10e18;
    uint256 internal constant PRICE_WEI = 5_000e18 + 7; // odd, so that charges round
    uint256 internal constant MAX_FEE = 2e9;
    uint256 internal constant PRIORITY_FEE = 1e9;
    uint256 internal constant BASE_FEE = 5e8;
    uint256 internal constant FEE = PRIORITY_FEE + BASE_FEE;
    uint32 internal constant POST_OP_GAS = 20_000;
    uint32 internal constant MARKUP_PPM = 50_000;
    uint32 internal constant MAX_AGE = 1 hours;
    uint96 internal constant OPERATION_CAP = 1e16;
    uint96 internal constant SENDER_CAP = 2e16;
    uint96 internal constant DAY_CAP = 3e16;

    IEntryPoint internal entryPoint;
    IBoundedPrice internal prices;
    IBasePaymaster internal paymaster;
    address internal sender;
    address internal other;

    receive() external payable {}

    function setUp() public virtual override {
        super.setUp();
        chain.fee(BASE_FEE);
        entryPoint = IEntryPoint(deployed("EntryPoint", ""));
        prices = newPrices(PRICE_WEI);
        paymaster = newPaymaster(standardTerms());
        chain.deal(address(this), 100e18);
        paymaster.deposit{value: NATIVE_WEI}();
        sender = newAccount(SENDER_KEY);
        other = newAccount(OTHER_KEY);
    }

    function newPrices(uint256 openWei) internal returns (IBoundedPrice) {
        return
            IBoundedPrice(
                deployed("BoundedPrice", abi.encode(GOVERNOR, KEEPER, 1e18, 1e24, openWei, standardBounds()))
            );
    }

    function newPaymaster(IOpenPaymaster.Terms memory terms) internal returns (IBasePaymaster) {
        return
            IBasePaymaster(
                deployed("OpenPaymaster", abi.encode(entryPoint, GOVERNOR, GUARDIAN, token, TREASURY, prices, terms))
            );
    }

    function standardBounds() internal pure returns (IBoundedPrice.Bounds memory) {
        return IBoundedPrice.Bounds(1_000e18, 20_000e18, 100_000, 600);
    }

    function standardTerms() internal pure returns (IOpenPaymaster.Terms memory) {
        return IOpenPaymaster.Terms(MARKUP_PPM, POST_OP_GAS, MAX_AGE, OPERATION_CAP, SENDER_CAP, DAY_CAP);
    }

    /// An account with OPEN, which approved the paymaster.
    function newAccount(uint256 key) internal returns (address account) {
        account = vm.addr(key);
        chain.etch(account, address(new KeyedAccount(address(entryPoint))).code);
        token.transfer(account, FUNDS_WEI);
        vm.prank(account);
        token.approve(address(paymaster), type(uint256).max);
    }

    function usualGas() internal pure returns (Gas memory) {
        return Gas(100_000, 100_000, 200_000, POST_OP_GAS, 60_000);
    }

    function maxCostOf(Gas memory gas) internal pure returns (uint256) {
        return (gas.verification + gas.call + gas.paymasterVerification + gas.postOp + gas.preVerification) * MAX_FEE;
    }

    function operation(
        uint256 key,
        bytes memory callData,
        Gas memory gas,
        bytes memory paymasterData
    ) internal view returns (PackedUserOperation memory op) {
        op.sender = vm.addr(key);
        op.nonce = entryPoint.getNonce(op.sender, 0);
        op.callData = callData;
        op.accountGasLimits = bytes32((uint256(gas.verification) << 128) | gas.call);
        op.preVerificationGas = gas.preVerification;
        op.gasFees = bytes32((PRIORITY_FEE << 128) | MAX_FEE);
        op.paymasterAndData = abi.encodePacked(paymaster, gas.paymasterVerification, gas.postOp, paymasterData);
        signed(op, key);
    }

    function operation(uint256 key, bytes memory callData) internal view returns (PackedUserOperation memory) {
        return operation(key, callData, usualGas(), "");
    }

    function signed(PackedUserOperation memory op, uint256 key) internal view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, entryPoint.getUserOpHash(op));
        op.signature = abi.encodePacked(r, s, v);
    }

    function execute(address callee, bytes memory data) internal pure returns (bytes memory) {
        return abi.encodeCall(KeyedAccount.execute, (callee, data));
    }

    function handle(PackedUserOperation memory op) internal {
        entryPoint.handleOps(alone(op), BUNDLER);
    }

    function alone(PackedUserOperation memory op) internal pure returns (PackedUserOperation[] memory ops) {
        ops = new PackedUserOperation[](1);
        ops[0] = op;
    }

    function refused(PackedUserOperation memory op, bytes memory reason) internal {
        PackedUserOperation[] memory ops = alone(op);
        vm.expectRevert(reason);
        entryPoint.handleOps(ops, BUNDLER);
    }

    /// What the EntryPoint says when the paymaster refuses in validation.
    function refusal(bytes memory reason) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEntryPoint.FailedOpWithRevert.selector, 0, "AA33 reverted", reason);
    }

    /// The charge again, as plainly as it can be written: price and markup, rounded up once.
    function chargeOf(uint256 costWei, uint256 priceWei) internal pure returns (uint256) {
        uint256 numerator = costWei * priceWei * (1_000_000 + MARKUP_PPM);
        return numerator == 0 ? 0 : (numerator - 1) / 1e24 + 1;
    }

    function today() internal view returns (uint64) {
        (, uint64 updatedAt) = prices.price();
        return updatedAt / 1 days;
    }
}
